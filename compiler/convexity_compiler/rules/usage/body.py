"""One walk over the body of a function, for everything that rules ask of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.rules.usage.bindings import expression_bindings, statement_bindings
from convexity_compiler.rules.usage.places import Place, expression_role, statement_role
from convexity_compiler.summary import expressions as e
from convexity_compiler.summary import statements as s
from convexity_compiler.summary.walk import children, expressions, sub_blocks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convexity_compiler.rules.usage.bindings import Binding
    from convexity_compiler.rules.usage.places import Role
    from convexity_compiler.summary.model import Parameter
    from convexity_compiler.summary.node import Node

_new: Final = tuple.__new__
"""Half the time of ``Place(...)``, of which there is one for most expressions."""
_SIMPLE: Final = frozenset({s.Assign, s.Evaluate, s.Return, s.Raise})
"""The frequent statements without blocks of others."""
_BINDING_NOTHING: Final = frozenset({s.Evaluate, s.Return, s.Raise, s.If})


class Body:
    """The places and bindings of a function, or of a module, and of the functions inside it."""

    def __init__(
        self, statements: Iterable[s.Statement], parameters: Iterable[Parameter], *, is_async: bool
    ) -> None:
        self.places: list[Place] = []
        """Outer before inner, in source order."""
        self.calls: list[Place] = []
        """Those of ``places`` that are calls."""
        self.attributes: list[Place] = []
        self.names: list[Place] = []
        self.awaits: list[Place] = []
        self.by_kind: dict[type[Node], list[Node]] = {e.Subscript: []}
        """Statements of each kind, and subscripts."""
        self.bindings: dict[str, list[Binding]] = {
            parameter.name: [parameter] for parameter in parameters
        }
        """All bindings of each name, in source order.

        Functions inside count too, so that a name with one binding means the same everywhere.
        """
        self.loops: dict[str, list[tuple[e.Expr, bool]]] = {}
        """What plain loop variables run through, and whether asynchronously."""
        self._block(statements, is_async, False)

    def _block(self, statements: Iterable[s.Statement], is_async: bool, is_nested: bool) -> None:
        for statement in statements:
            kind = type(statement)
            self.by_kind.setdefault(kind, []).append(statement)
            if kind not in _BINDING_NOTHING:
                self._bind(statement_bindings(statement))
                if isinstance(statement, s.For):
                    self._loop(statement)
                elif isinstance(statement, s.FunctionDefinition):
                    inner = statement.function
                    self._block(inner.statements, inner.is_async, True)
                    continue
            for expression in expressions(statement):
                role = statement_role(statement, expression)
                self._expression(expression, role, statement, is_async, is_nested)
            if kind not in _SIMPLE:
                for block in sub_blocks(statement):
                    self._block(block, is_async, is_nested)

    def _bind(self, found: Iterable[tuple[str, Binding]]) -> None:
        for name, binding in found:
            self.bindings.setdefault(name, []).append(binding)

    def _loop(self, loop: s.For | e.Generator) -> None:
        if isinstance(loop.target, e.Name):
            entry = (loop.iterable, loop.is_async)
            self.loops.setdefault(loop.target.id, []).append(entry)

    def _expression(
        self, node: Node, role: Role, parent: Node, is_async: bool, is_nested: bool
    ) -> None:
        # The frequent kinds by hand: this walk is a large part of the time of all rules.
        kind = type(node)
        if kind is e.Name:
            place = _new(Place, (node, role, parent, is_async, is_nested))
            self.places.append(place)
            self.names.append(place)
        elif isinstance(node, e.Attribute):
            place = _new(Place, (node, role, parent, is_async, is_nested))
            self.places.append(place)
            self.attributes.append(place)
            self._expression(node.value, "receiver", node, is_async, is_nested)
        elif isinstance(node, e.Call):
            place = _new(Place, (node, role, parent, is_async, is_nested))
            self.places.append(place)
            self.calls.append(place)
            self._expression(node.function, "other", node, is_async, is_nested)
            for argument in node.arguments:
                if type(argument) is not e.Constant:
                    self._expression(argument, "other", node, is_async, is_nested)
            for keyword in node.keywords:
                self._expression(keyword.value, "other", keyword, is_async, is_nested)
        elif kind is not e.Constant:
            self._other_expression(node, role, parent, is_async, is_nested)

    def _other_expression(
        self, node: Node, role: Role, parent: Node, is_async: bool, is_nested: bool
    ) -> None:
        if isinstance(node, e.Await):
            place = _new(Place, (node, role, parent, is_async, is_nested))
            self.places.append(place)
            self.awaits.append(place)
            self._expression(node.value, "awaited", node, is_async, is_nested)
            return
        if isinstance(node, e.Subscript):
            self.by_kind[e.Subscript].append(node)
        elif isinstance(node, e.Lambda):
            is_async, is_nested = False, True
        if isinstance(node, (e.Walrus, e.Lambda, e.Comprehension)):
            self._bind(expression_bindings(node))
        for child in children(node):
            if isinstance(child, e.Generator):
                self._loop(child)
                iterable: Role = "async_iterated" if child.is_async else "iterated"
                self._expression(child.iterable, iterable, child, is_async, is_nested)
                for condition in child.conditions:
                    self._expression(condition, "tested", child, is_async, is_nested)
            else:
                self._expression(child, expression_role(node, child), node, is_async, is_nested)
