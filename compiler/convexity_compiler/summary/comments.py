"""The comments addressed to convexity, and the lines that each of them is about."""

from __future__ import annotations

import io
import tokenize
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from convexity_compiler.summary.model import Comment
from convexity_compiler.summary.tags import tag

if TYPE_CHECKING:
    from convexity_compiler.summary.tags import Tree

_COMMENT: Final = tag(Comment)
_MARK: Final = "convexity:"
_OPENING: Final = frozenset("([{")
_CLOSING: Final = frozenset(")]}")


def comment_trees(text: str) -> list[Tree]:
    """Return the serialised comments of a module, in order."""
    if _MARK not in text:
        return []
    lines = _read(text)
    physical = text.split("\n")
    return [lines.tree(token, physical[token.start[0] - 1]) for token in lines.comments]


@dataclass(slots=True)
class _Token:
    operator: str
    """The bracket, comma or at sign that it is, or another operator; empty for other tokens."""
    line: int
    column: int
    end_line: int
    depth: int
    """Number of open brackets around it; a bracket counts as outside of itself."""


@dataclass
class _Lines:
    """The tokens of a module, and how physical lines make up logical ones."""

    comments: list[tokenize.TokenInfo] = field(default_factory=list)
    tokens: list[_Token] = field(default_factory=list)
    """Those that mean something: neither comments nor white space."""
    ended: set[int] = field(default_factory=set)
    """Lines that end as such; the others go on, in a string or after a backslash."""
    logical: list[tuple[_Token, int]] = field(default_factory=list)
    """First token and last line of every logical line."""
    depths: dict[int, int] = field(default_factory=dict)
    """Number of brackets open around a comment, by its line."""

    def tree(self, token: tokenize.TokenInfo, physical: str) -> Tree:
        """Return the serialised comment that ``token`` is, of the physical line around it."""
        (line, column), (end_line, end_column) = token.start, token.end
        own_line = not physical[:column].strip()
        indentation = len(physical) - len(physical.lstrip())
        first, last = self._about(line) if own_line else (self._first_joined(line), line)
        block_end = self._end_of_block(line, indentation)
        place = (line, column + 1, end_line, end_column + 1)
        return [_COMMENT, *place, token.string, own_line, indentation, first, last, block_end]

    def _first_joined(self, line: int) -> int:
        """First of the physical lines that end in ``line`` because nothing ends them earlier."""
        while line > 1 and line - 1 not in self.ended:
            line -= 1
        return line

    def _about(self, line: int) -> tuple[int, int]:
        """Lines of what follows a comment on a line of its own, the comment included."""
        if self.depths[line]:
            return line, self._end_of_element(line)
        last = line
        for token, end in self.logical:
            if token.line > line:
                last = end
                if token.operator != "@":
                    break
        return line, last

    def _end_of_element(self, line: int) -> int:
        """Last line of the argument, item or operand that follows a comment within brackets."""
        depth = self.depths[line]
        last = line
        for token in self.tokens:
            if token.line > line:
                if token.depth < depth:
                    break
                last = token.end_line
                if token.operator == "," and token.depth == depth:
                    break
        return last

    def _end_of_block(self, line: int, indentation: int) -> int | None:
        """Last line of the block that a line stands in; None up to the end of the file."""
        last = line
        for token, end in self.logical:
            if token.line > line:
                if token.column < indentation:
                    return last
                last = end
        return None


def _read(text: str) -> _Lines:
    lines = _Lines()
    depth = 0
    first: _Token | None = None
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            line, column = token.start
            if token.type in (tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER):
                continue
            if token.type == tokenize.COMMENT:
                if _MARK in token.string:
                    lines.comments.append(token)
                    lines.depths[line] = depth
            elif token.type in (tokenize.NL, tokenize.NEWLINE):
                lines.ended.add(line)
                if token.type == tokenize.NEWLINE and first is not None:
                    lines.logical.append((first, line))
                    first = None
            else:
                operator = token.string if token.type == tokenize.OP else ""
                depth -= operator in _CLOSING
                found = _Token(operator, line, column, token.end[0], depth)
                depth += operator in _OPENING
                lines.tokens.append(found)
                first = first or found
    except (tokenize.TokenError, SyntaxError):
        # The tokenizer in Python is stricter at the end of a file than the parser in C.
        return lines
    return lines
