"""Positions in source text, shared by every stage."""

from __future__ import annotations

from typing import NamedTuple


class Span(NamedTuple):
    """A stretch of source: lines and columns count characters from 1, the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int

    def encloses(self, other: Span) -> bool:
        """Whether ``other`` lies within this span."""
        return self[:2] <= other[:2] and other[2:] <= self[2:]

    def through(self, end: Span) -> Span:
        """Return the stretch from the beginning of this span to the end of another."""
        return Span(self.line, self.column, end.end_line, end.end_column)
