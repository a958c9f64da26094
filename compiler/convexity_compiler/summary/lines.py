"""How the physical lines of a module make up logical lines and blocks, as the tokenizer sees it."""

from __future__ import annotations

import io
import tokenize
from dataclasses import dataclass, field
from typing import Final

_OPENING: Final = frozenset("([{")
_CLOSING: Final = frozenset(")]}")


@dataclass(slots=True)
class Token:
    """A token that means something: neither a comment nor white space."""

    operator: str
    """The bracket, comma or at sign that it is, or another operator; empty for other tokens."""
    line: int
    column: int
    """Counted from 0."""
    end_line: int
    depth: int
    """Number of open brackets around it; a bracket counts as outside of itself."""


@dataclass(slots=True)
class LogicalLine:
    """A simple statement, or the head of a compound one up to its colon."""

    start: Token
    last: int
    """Its last physical line."""


@dataclass
class Lines:
    """The lines of a module; of one that cannot be tokenized, those before the place of fault."""

    comments: list[tuple[tokenize.TokenInfo, int]] = field(default_factory=list)
    """Comments in order, and how many brackets are open around each."""
    tokens: list[Token] = field(default_factory=list)
    ended: set[int] = field(default_factory=set)
    """Lines that end as such; the others go on, in a string or after a backslash."""
    logical: list[LogicalLine] = field(default_factory=list)

    def first_joined(self, line: int) -> int:
        """Return the first of the physical lines that no end separates from ``line``."""
        while line > 1 and line - 1 not in self.ended:
            line -= 1
        return line

    def logical_at(self, line: int) -> LogicalLine | None:
        """Return the logical line that a physical one belongs to."""
        return next(
            (entry for entry in self.logical if entry.start.line <= line <= entry.last), None
        )

    def end_of_head(self, line: int) -> int:
        """Return the last line of the statement below ``line``, up to its colon.

        Decorators count as part of what they decorate.
        """
        last = line
        for entry in self.logical:
            if entry.start.line > line:
                last = entry.last
                if entry.start.operator != "@":
                    break
        return last

    def end_of_element(self, line: int, depth: int) -> int:
        """Return the last line of the argument or item that begins below ``line``.

        ``depth`` is the number of brackets open there.
        """
        last = line
        for token in self.tokens:
            if token.line > line:
                if token.depth < depth:
                    break
                last = token.end_line
                if token.operator == "," and token.depth == depth:
                    break
        return last

    def end_of_block(self, line: int, indentation: int) -> int | None:
        """Return the last line of a block that ``line`` is in; None for the end of the file."""
        last = line
        for entry in self.logical:
            if entry.start.line > line:
                if entry.start.column < indentation:
                    return last
                last = entry.last
        return None


def read_lines(text: str) -> Lines:
    """Tokenize a module."""
    lines = Lines()
    depth = 0
    start: Token | None = None
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            line, column = token.start
            if token.type in (tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER):
                continue
            if token.type == tokenize.COMMENT:
                lines.comments.append((token, depth))
            elif token.type in (tokenize.NL, tokenize.NEWLINE):
                lines.ended.add(line)
                if token.type == tokenize.NEWLINE and start is not None:
                    lines.logical.append(LogicalLine(start, line))
                    start = None
            else:
                operator = token.string if token.type == tokenize.OP else ""
                depth -= operator in _CLOSING
                found = Token(operator, line, column, token.end[0], depth)
                depth += operator in _OPENING
                lines.tokens.append(found)
                start = start or found
    except (tokenize.TokenError, SyntaxError):
        # The tokenizer in Python is stricter at the end of a file than the parser in C.
        return lines
    return lines
