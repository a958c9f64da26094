"""What the names and expressions of one function hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.link.model import Location, ReferencePath
from convexity_compiler.link.symbols import Defined
from convexity_compiler.records import replace
from convexity_compiler.rules.usage.values import (
    BUILDERS,
    CONTEXT_KINDS,
    Handle,
    Query,
)
from convexity_compiler.summary.annotation_strings import parse_annotation
from convexity_compiler.summary.expressions import Attribute, Call, Constant, Expr, Name, Walrus
from convexity_compiler.summary.model import ImportSummary, Parameter
from convexity_compiler.summary.statements import Assign
from convexity_compiler.summary.walk import walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convexity_compiler.link.model import LinkedFunction, LinkedProject
    from convexity_compiler.link.symbols import Symbol
    from convexity_compiler.rules.usage.bindings import Binding
    from convexity_compiler.rules.usage.values import ContextKind, Value
    from convexity_compiler.summary.model import FunctionSummary

_PARTS: Final = {
    (): frozenset({"auth", "db", "meta", "scheduler", "storage"}),
    ("db",): frozenset({"system"}),
}
"""Attributes that are parts of a context, by the path to their owner."""
_NAMES_FIRST: Final = {
    **dict.fromkeys(("query", "insert", "with_index", "with_search_index", "search"), 1),
    **dict.fromkeys(("eq", "gt", "gte", "lt", "lte", "order"), 1),
    "vector_search": 2,
}
"""How many arguments of a method are names of tables, indexes, fields or orders."""
_DATABASES: Final = frozenset({"DatabaseReader", "DatabaseWriter"})
_SOURCES: Final = ("_generated.server.", "convexity.server.")


class Scope:
    """The names of a function; everything that is not certain is None."""

    def __init__(
        self,
        project: LinkedProject,
        module: str,
        function: FunctionSummary,
        registered: LinkedFunction | None,
        bindings: Mapping[str, list[Binding]],
    ) -> None:
        self._resolver = project.resolver
        self._module = module
        self._function = function
        self._registered = registered
        self._bindings = bindings
        self._names: dict[str, Value | None] = {}
        self._names_open = 0
        self._calls: dict[int, Call] = {}
        # Many rules ask the same. Answers are kept with the expression, whose identity is the key.
        self._values: dict[int, tuple[Expr, Value | None]] = {}
        self._symbols: dict[int, tuple[Expr, Symbol | None]] = {}
        self._references: dict[int, tuple[Expr, ReferencePath | None]] = {}

    def value(self, expression: Expr) -> Value | None:
        """Return the context, part of it or query that an expression is."""
        kind = type(expression)
        if kind is Name:
            return self._name(expression.id)  # type: ignore[attr-defined]  # by its class
        if kind is not Attribute and kind is not Call and kind is not Walrus:
            return None
        known = self._values.get(id(expression))
        if known is not None:
            return known[1]
        found = self._value(expression)
        if not self._names_open:  # else it may change with what is known of the name
            self._values[id(expression)] = (expression, found)
        return found

    def _value(self, expression: Expr) -> Value | None:
        match expression:
            case Attribute(value=owner, name=name):
                found = self.value(owner)
                if isinstance(found, Handle) and name in _PARTS.get(found.path, ()):
                    return Handle(found.kinds, (*found.path, name))
            case Call(function=Attribute(value=owner, name=method)):
                held = self.value(owner)
                if held is not None:
                    return _called(self.with_names(expression, method), method, held)
            case Walrus(value=value):
                return self.value(value)
            case _:
                pass
        return None

    def symbol(self, expression: Expr) -> Symbol | None:
        """Return what a name or attribute chain stands for, None when a local name begins it."""
        kind = type(expression)
        if kind is not Name and kind is not Attribute:
            return None
        known = self._symbols.get(id(expression))
        if known is None:
            known = self._symbols[id(expression)] = (expression, self._symbol(expression))
        return known[1]

    def _symbol(self, expression: Expr) -> Symbol | None:
        root = _root(expression)
        if root is None:
            return None
        bound = self._bindings.get(root.id)
        if bound is not None and not all(isinstance(entry, ImportSummary) for entry in bound):
            return None
        return self._resolver.symbol(self._module, expression, self._function)

    def qualified_name(self, expression: Expr) -> str | None:
        """Return the dotted origin of a name or chain: see ``Resolver.qualified_name``."""
        symbol = self.symbol(expression)
        return None if symbol is None else symbol.qualified_name

    def reference(self, expression: Expr) -> ReferencePath | None:
        """Return the ``api``, ``internal`` or ``components`` reference an expression is."""
        kind = type(expression)
        if kind is not Name and kind is not Attribute:
            return None
        known = self._references.get(id(expression))
        if known is None:
            found = self._reference(expression, frozenset())
            known = self._references[id(expression)] = (expression, found)
        return known[1]

    def constant(self, expression: Expr) -> Expr:
        """Return what a local variable that is assigned once holds, or the expression itself."""
        seen: set[str] | None = None
        while isinstance(expression, Name):
            bound = self._bindings.get(expression.id)
            if bound is None or len(bound) != 1 or not isinstance(bound[0], Expr):
                break
            if seen is None:
                seen = set()
            elif expression.id in seen:
                break
            seen.add(expression.id)
            expression = bound[0]
        return expression

    def with_names(self, call: Call, method: str) -> Call:
        """Return the call of a method with literals for the string constants that name things.

        A table, an index or a field may be named by a constant of any module; its literal gets the
        place where the constant is used. The same call gives the same object.
        """
        count = _NAMES_FIRST.get(method)
        if count is None:
            return call
        if not any(isinstance(entry, (Name, Attribute)) for entry in call.arguments[:count]):
            return call
        found = self._calls.get(id(call))
        if found is None:
            names = tuple(self._text(entry) for entry in call.arguments[:count])
            found = replace(call, arguments=names + call.arguments[count:])
            self._calls[id(call)] = found
        return found

    def _text(self, argument: Expr) -> Expr:
        value = self.constant(argument)
        symbol = self.symbol(value) if isinstance(value, (Name, Attribute)) else None
        if isinstance(symbol, Defined) and not symbol.attributes:
            bound = self._resolver.bound(symbol.module, symbol.name)
            definition = bound[0].definition if len(bound) == 1 else None
            if isinstance(definition, Assign) and definition.value is not None:
                value = definition.value
        if isinstance(value, Constant) and isinstance(value.value, str):
            return replace(value, span=argument.span)
        return argument

    def parameter(self, expression: Expr) -> str | None:
        """Return the name of the parameter an expression is, if it is never assigned."""
        if isinstance(expression, Name):
            bound = self._bindings.get(expression.id, [])
            if len(bound) == 1 and bound[0] in self._function.parameters:
                return expression.id
        return None

    def _reference(self, expression: Expr, visited: frozenset[str]) -> ReferencePath | None:
        root = _root(expression)
        if root is None:
            return None
        bound = self._bindings.get(root.id)
        if bound is None or all(isinstance(entry, ImportSummary) for entry in bound):
            return self._resolver.reference(self._module, expression, self._function)
        if len(bound) != 1 or not isinstance(bound[0], Expr) or root.id in visited:
            return None
        start = self._reference(bound[0], visited | {root.id})
        if start is None:
            return None
        names: list[str] = []
        inner = expression
        while isinstance(inner, Attribute):
            names.insert(0, inner.name)
            inner = inner.value
        location = Location(self._module, expression.span)
        return ReferencePath(root=start.root, parts=(*start.parts, *names), location=location)

    def _name(self, name: str) -> Value | None:
        if name not in self._names:
            self._names[name] = None  # while it is looked for: a variable built from itself
            self._names_open += 1
            self._names[name] = self._bound_value(name)
            self._names_open -= 1
        return self._names[name]

    def _bound_value(self, name: str) -> Value | None:
        bound = self._bindings.get(name, [])
        if not bound:
            return None
        first = self._binding_value(bound[0])
        if len(bound) == 1 or first is None:
            return first
        self._names[name] = first
        others = [self._binding_value(entry) for entry in bound[1:]]
        if isinstance(first, Handle):
            return first if all(other == first for other in others) else None
        if all(isinstance(other, Query) and other.start == first.start for other in others):
            return Query(first.start, first.calls, first.is_system, is_exact=False)
        return None

    def _binding_value(self, binding: Binding) -> Value | None:
        if isinstance(binding, Parameter):
            return self._parameter_value(binding)
        return self.value(binding) if isinstance(binding, Expr) else None

    def _parameter_value(self, parameter: Parameter) -> Value | None:
        if self._registered is not None and parameter is self._registered.context:
            kind = self._registered.kind
            return Handle(frozenset({"action" if kind == "http_action" else kind}))
        if parameter.annotation is None:
            return Handle(frozenset()) if parameter.name == "ctx" else None
        names = self.platform_types(parameter.annotation)
        kinds: set[ContextKind] = {CONTEXT_KINDS[name] for name in names if name in CONTEXT_KINDS}
        if kinds:
            return Handle(frozenset(kinds))
        return Handle(frozenset(), ("db",)) if names & _DATABASES else None

    def platform_types(self, annotation: Expr) -> set[str]:
        """Return the names of the generated server types in an annotation."""
        if isinstance(annotation, Constant) and isinstance(annotation.value, str):
            parsed = parse_annotation(annotation.value, annotation.span)
            return self.platform_types(parsed) if parsed is not None else set()
        found = set()
        for node in walk(annotation):
            if isinstance(node, (Name, Attribute)):
                symbol = self._resolver.symbol(self._module, node, static=True)
                origin = getattr(symbol, "name", "")
                found |= {
                    origin.removeprefix(source) for source in _SOURCES if origin.startswith(source)
                }
        return found


def _called(call: Call, method: str, owner: Value) -> Value | None:
    if isinstance(owner, Query):
        if method not in BUILDERS:
            return None
        return Query(owner.start, (*owner.calls, call), owner.is_system, owner.is_exact)
    if method == "query" and owner.path[:1] == ("db",):
        return Query(call, (), owner.path == ("db", "system"), is_exact=True)
    if method == "with_options" and not owner.path:
        return Handle(owner.kinds, ("options",))
    return None


def _root(expression: Expr) -> Name | None:
    while isinstance(expression, Attribute):
        expression = expression.value
    return expression if isinstance(expression, Name) else None
