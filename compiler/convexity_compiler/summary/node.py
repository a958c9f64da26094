"""The decorator and base class of all summary nodes."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from convexity_compiler.span import Span

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def node(cls: type[T]) -> type[T]:
    """Make a dataclass that type checkers treat as frozen.

    A summary has some hundred thousand nodes, and ``frozen=True`` makes each of them three times
    as slow to build, so that immutability is left to the type checker. Every check defines all the
    classes, and most of the time of that goes into methods that ``Node`` has for all of them.
    """
    return dataclass(slots=True, eq=False, repr=False)(cls)


@node
class Node:
    """Anything with a place in the source."""

    span: Span

    def __eq__(self, other: object) -> bool:
        """Compare by kind and content."""
        if type(other) is not type(self):
            return NotImplemented
        return self is other or self._content() == other._content()

    def __hash__(self) -> int:
        """Agree with equality."""
        return hash((type(self), self._content()))

    def __repr__(self) -> str:
        """Return the node as it would be written."""
        return f"{type(self).__name__}({', '.join(map(repr, self._content()))})"

    def _content(self) -> tuple[object, ...]:
        return tuple(getattr(self, entry.name) for entry in fields(self))
