"""The comments addressed to convexity, and the lines that each of them is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.summary.lines import read_lines
from convexity_compiler.summary.model import Comment
from convexity_compiler.summary.tags import tag

if TYPE_CHECKING:
    from convexity_compiler.summary.tags import Tree

_COMMENT: Final = tag(Comment)
_MARK: Final = "convexity:"


def comment_trees(text: str) -> list[Tree]:
    """Return the serialised comments of a module, in order."""
    if _MARK not in text:
        return []
    lines = read_lines(text)
    physical = text.split("\n")
    trees = []
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
        place = (line, column + 1, end_line, end_column + 1)
        about = (first, last, lines.end_of_block(line, indentation))
        trees.append([_COMMENT, *place, token.string, own_line, indentation, *about])
    return trees
