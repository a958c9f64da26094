"""From the byte offsets of ``ast`` to columns in characters."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Final, Protocol

from convexity_compiler.span import Span

if TYPE_CHECKING:
    from collections.abc import Callable


class Located(Protocol):
    """An ``ast`` node with a position."""

    @property
    def lineno(self) -> int:
        """First line, from 1."""

    @property
    def col_offset(self) -> int:
        """First byte in its line, from 0."""

    @property
    def end_lineno(self) -> int | None:
        """Last line, from 1."""

    @property
    def end_col_offset(self) -> int | None:
        """End in its line in bytes, exclusive, from 0."""


_new: Final = tuple.__new__
"""Half the time of ``Span(...)``, of which there is one for each node."""
_position: Final = attrgetter("lineno", "col_offset", "end_lineno", "end_col_offset")


def place_finder(text: str) -> Callable[[Located], Span]:
    """Return a function from a node of ``text`` to its place, columns from 1 in characters."""
    if text.isascii():
        return _ascii_place
    return _CharacterPlaces(text)


def _ascii_place(node: Located) -> Span:
    line, column, end_line, end_column = _position(node)
    return _new(Span, (line, column + 1, end_line, end_column + 1))


class _CharacterPlaces:
    def __init__(self, text: str) -> None:
        self._lines = [
            None if line.isascii() else line.encode("utf-8", "surrogatepass")
            for line in text.split("\n")
        ]

    def __call__(self, node: Located) -> Span:
        line, start, end_line, end = _ascii_place(node)
        return Span(line, self._column(line, start), end_line, self._column(end_line, end))

    def _column(self, line: int, column: int) -> int:
        encoded = self._lines[line - 1] if line <= len(self._lines) else None
        if encoded is None:
            return column
        return len(encoded[: column - 1].decode("utf-8", "surrogatepass")) + 1
