"""The decorator of what stages hand to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def record(cls: type[T]) -> type[T]:
    """Make a dataclass of keyword arguments that type checkers treat as frozen.

    Every check imports them all, and ``frozen=True`` makes each of them half as slow again to
    define and three times as slow to build, so that immutability is left to the type checker.
    """
    return dataclass(slots=True, kw_only=True, unsafe_hash=True)(cls)


@dataclass_transform(frozen_default=True)
def value(cls: type[T]) -> type[T]:
    """Make a dataclass like a record, of few fields that are given by position."""
    return dataclass(slots=True, unsafe_hash=True)(cls)
