"""Walking the expressions of a function's body."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from convexity_compiler.summary.model import FunctionSummary
from convexity_compiler.summary.node import Node
from convexity_compiler.summary.statements import FunctionDefinition

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHILD_NAMES: dict[type[Node], tuple[str, ...]] = {}


def nodes(function: FunctionSummary) -> Iterator[Node]:
    """Yield every statement and expression of a body, outer before inner.

    Functions inside the body are walked too; what they hold runs within the call.
    """
    for statement in function.statements:
        yield from _walk(statement)


def _walk(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, FunctionDefinition):
        yield from nodes(node.function)
        return
    for name in _child_names(type(node)):
        value = getattr(node, name)
        if isinstance(value, Node):
            yield from _walk(value)
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, Node):
                    yield from _walk(item)


def _child_names(kind: type[Node]) -> tuple[str, ...]:
    names = _CHILD_NAMES.get(kind)
    if names is None:
        names = tuple(field.name for field in fields(kind) if field.name != "span")
        _CHILD_NAMES[kind] = names
    return names
