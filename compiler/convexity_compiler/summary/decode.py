"""From the lists of a serialised summary to typed nodes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from convexity_compiler.span import Span
from convexity_compiler.summary.expressions import Attribute, Call, Constant, Name
from convexity_compiler.summary.model import (
    Binding,
    Body,
    ClassSummary,
    FunctionSummary,
    ModuleSummary,
)
from convexity_compiler.summary.statements import ClassDefinition, FunctionDefinition
from convexity_compiler.summary.tags import NODE_CLASSES, tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convexity_compiler.summary.expressions import Expr
    from convexity_compiler.summary.tags import Tree

_FUNCTION_DEFINITION: Final = tag(FunctionDefinition)
_CLASS_DEFINITION: Final = tag(ClassDefinition)
_NAME: Final = tag(Name)
_ATTRIBUTE: Final = tag(Attribute)
_CONSTANT: Final = tag(Constant)
_CALL: Final = tag(Call)
_new_span: Final = tuple.__new__
_KEYWORD_FIELD: Final = 5
"""Position of a keyword's name in its list; its value follows."""


def decode_expression(tree: Tree) -> Expr:
    """Decode a single expression."""
    expression: Expr = SummaryDecoder({}, ()).value(tree)
    return expression


class SummaryDecoder:
    """Decodes one module; the bodies of its functions only when they are asked for."""

    def __init__(self, head: Tree, bodies: Sequence[Tree | str], texts: Sequence[str] = ()) -> None:
        """Take the head and one body per function, as lists or as the JSON text of them.

        With ``texts`` each list is dropped when it has been decoded, and its text is kept.
        """
        self._head = head
        self._bodies = list(bodies)
        self._texts = texts
        self._functions: list[FunctionSummary] = []
        self._classes: list[ClassSummary] = []

    def module(self, path: str, digest: str, text: str) -> ModuleSummary:
        """Return the summary; the head is dropped, so this can be called once."""
        head, self._head = self._head, None
        self._functions = [
            self._function(tree, index) for index, tree in enumerate(head["functions"])
        ]
        self._classes = [self._class(tree) for tree in head["classes"]]
        imports = self._tuple(head["imports"])
        return ModuleSummary(
            path=path,
            module=path.removesuffix(".py"),
            digest=digest,
            text=text,
            docstring=head["docstring"],
            imports=imports,
            assignments=self._bindings(head["assignments"]),
            functions=tuple(self._functions),
            classes=tuple(self._classes),
            statements=self._bindings(head["statements"]),
            comments=self._tuple(head["comments"]),
            future_annotations=any(
                entry.module == "__future__" and entry.name == "annotations" for entry in imports
            ),
        )

    def _bindings(self, trees: Sequence[Tree]) -> tuple[Binding[Any], ...]:
        return tuple(
            Binding(Span(*tree[1:5]), self._node(tree), placement) for tree, placement in trees
        )

    def _body(self, index: int) -> Body:
        def decode() -> Any:
            body = self._bodies[index]
            if self._texts:
                self._bodies[index] = self._texts[index]
            return self._tuple(json.loads(body) if isinstance(body, str) else body)

        return Body(decode)

    def _function(self, tree: Tree, index: int) -> FunctionSummary:
        return FunctionSummary(
            name=tree[0],
            span=Span(*tree[1]),
            name_span=Span(*tree[2]),
            is_async=tree[3],
            parameters=self._tuple(tree[4]),
            returns=self.value(tree[5]),
            decorators=self._tuple(tree[6]),
            docstring=tree[7],
            placement=tree[8],
            qualified_name=tree[9],
            body_span=Span(*tree[10]),
            is_generator=tree[11],
            body=self._body(index),
        )

    def _class(self, tree: Tree) -> ClassSummary:
        return ClassSummary(
            name=tree[0],
            span=Span(*tree[1]),
            name_span=Span(*tree[2]),
            bases=self._tuple(tree[3]),
            keywords=tuple(
                (keyword[_KEYWORD_FIELD], self._node(keyword[_KEYWORD_FIELD + 1]))
                for keyword in tree[4]
            ),
            decorators=self._tuple(tree[5]),
            type_parameters=tuple(tree[6]),
            docstring=tree[7],
            placement=tree[8],
            qualified_name=tree[9],
            fields=self._tuple(tree[10]),
            methods=tuple(self._functions[index] for index in tree[11]),
        )

    def value(self, tree: Tree) -> Any:
        """Decode a node, a tuple of nodes or a plain value."""
        if type(tree) is not list:
            return _special(tree) if type(tree) is dict else tree
        if not tree:
            return ()
        return self._node(tree) if type(tree[0]) is int else self._tuple(tree)

    def _tuple(self, trees: Sequence[Tree]) -> tuple[Any, ...]:
        # Loops instead of comprehensions, which are frames of their own in Python 3.11: decoding
        # must need less stack than building did, so that only building can run out of it.
        values = []
        for tree in trees:
            if type(tree) is not list:
                values.append(_special(tree) if type(tree) is dict else tree)
            elif not tree:
                values.append(())
            else:
                values.append(self._node(tree) if type(tree[0]) is int else self._tuple(tree))
        return tuple(values)

    def _node(self, tree: Tree) -> Any:
        number = tree[0]
        span = _new_span(Span, tree[1:5])
        # The most frequent nodes by hand: this loop is most of the time of a warm start.
        if number == _NAME:
            return Name(span, tree[5])
        if number == _ATTRIBUTE:
            return Attribute(span, self._node(tree[5]), tree[6])
        if number == _CONSTANT:
            value = tree[5]
            return Constant(span, _special(value) if type(value) is dict else value)
        if number == _CALL:
            _, _, _, _, _, function, arguments, keywords = tree
            return Call(span, self._node(function), self._tuple(arguments), self._tuple(keywords))
        if number == _FUNCTION_DEFINITION:
            return FunctionDefinition(span, self._functions[tree[5]])
        if number == _CLASS_DEFINITION:
            return ClassDefinition(span, self._classes[tree[5]])
        return NODE_CLASSES[number](span, *self._tuple(tree[5:]))


def _special(tree: dict[str, str]) -> int | bytes:
    """A constant JSON has no form for."""
    if "integer" in tree:
        return int(tree["integer"], 16)
    return bytes.fromhex(tree["bytes"])
