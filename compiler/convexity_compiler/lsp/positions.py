"""Between the places of a client, code units from 0, and ours, characters from 1."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from lsprotocol import types

from convexity_compiler.span import Span

if TYPE_CHECKING:
    from pygls.workspace import PositionCodec


def normalised(text: str) -> str:
    """Return a text with line ends as ``\\n``, which is how spans count it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


class PlacedText:
    """A text in which places are converted."""

    def __init__(self, text: str, codec: PositionCodec) -> None:
        """Take a text with any line ends."""
        self.text = normalised(text)
        self._codec = codec

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends; form feeds and U+2028 end none."""
        return self.text.split("\n")

    def range(self, span: Span) -> types.Range:
        """Return the client's range of a span."""
        return types.Range(
            self._client(span.line - 1, span.column - 1),
            self._client(span.end_line - 1, span.end_column - 1),
        )

    def offset(self, position: types.Position) -> int:
        """Return the offset in characters of a client's position; beyond a line is its end."""
        line, column = self._place(position)
        return sum(len(entry) + 1 for entry in self.lines[:line]) + column

    def span(self, place: types.Range) -> Span:
        """Return the span of a client's range."""
        line, column = self._place(place.start)
        end_line, end_column = self._place(place.end)
        return Span(line + 1, column + 1, end_line + 1, end_column + 1)

    def range_between(self, start: int, end: int) -> types.Range:
        """Return the client's range between two offsets in characters."""
        return types.Range(self._client(*self._at(start)), self._client(*self._at(end)))

    def _at(self, offset: int) -> tuple[int, int]:
        line = self.text.count("\n", 0, offset)
        return line, offset - (self.text.rfind("\n", 0, offset) + 1)

    def _place(self, position: types.Position) -> tuple[int, int]:
        if position.line >= len(self.lines):
            return len(self.lines) - 1, len(self.lines[-1])
        line = self.lines[position.line]
        if position.character >= self._codec.client_num_units(line):
            return position.line, len(line)
        found = self._codec.position_from_client_units(self.lines, position)
        return found.line, found.character

    def _client(self, line: int, column: int) -> types.Position:
        if line >= len(self.lines):
            line, column = len(self.lines) - 1, len(self.lines[-1])
        return self._codec.position_to_client_units(self.lines, types.Position(line, column))
