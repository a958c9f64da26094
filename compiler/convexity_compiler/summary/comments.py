"""The comments addressed to convexity, and the lines that each of them is about."""

from __future__ import annotations

from typing import Final

from convexity_compiler.span import Span
from convexity_compiler.summary.lines import read_lines
from convexity_compiler.summary.model import Comment

_MARK: Final = "convexity:"


def comments_of(text: str) -> tuple[Comment, ...]:
    """Return the comments of a module, in order."""
    if _MARK not in text:
        return ()
    lines = read_lines(text)
    physical = text.split("\n")
    found = []
    for token, depth in lines.comments:
        if _MARK not in token.string:
            continue
        (line, column), (end_line, end_column) = token.start, token.end
        around = physical[line - 1]
        indentation = len(around) - len(around.lstrip())
        own_line = indentation == column
        if not own_line:
            first, last = lines.first_joined(line), line
        elif depth:
            first, last = line, lines.end_of_element(line, depth)
        else:
            first, last = line, lines.end_of_head(line)
        place = Span(line, column + 1, end_line, end_column + 1)
        end = lines.end_of_block(line, indentation)
        found.append(Comment(place, token.string, own_line, indentation, first, last, end))
    return tuple(found)
