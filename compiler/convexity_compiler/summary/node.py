"""The decorator and base class of all summary nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from convexity_compiler.span import Span

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def node(cls: type[T]) -> type[T]:
    """Make a dataclass that type checkers treat as frozen.

    A summary has some hundred thousand nodes, and ``frozen=True`` makes each of them three times
    as slow to build, so that immutability is left to the type checker.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)


@node
class Node:
    """Anything with a place in the source."""

    span: Span
