"""The decorator and base class of all summary nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, dataclass_transform

from convexity_compiler.records import define

if TYPE_CHECKING:
    from convexity_compiler.span import Span

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def node(cls: type[T]) -> type[T]:
    """Make a kind of node; type checkers treat its objects as frozen, as those of records."""
    return define(cls, by_keyword=False)


@node
class Node:
    """Anything with a place in the source; nodes are compared by kind and content."""

    span: Span
