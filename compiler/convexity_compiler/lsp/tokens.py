"""Tokens of source that need not parse: what stands at the cursor while it is being typed.

``tokenize`` raises on unclosed brackets and strings, which are the rule here. Nothing is ever
refused: a string that is not closed ends with its line, one in triple quotes with the file.
"""

from __future__ import annotations

import keyword
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

TokenKind: TypeAlias = Literal["comment", "string", "name", "number", "symbol"]

_TOKEN: Final = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
  | (?P<string>(?i:[bfrtu]|br|rb|fr|rf|tr|rt)?
      (?: \"{3}(?:\\.|[^\\])*?(?:\"{3}|\Z) | '{3}(?:\\.|[^\\])*?(?:'{3}|\Z)
        | "(?:\\.|[^"\\\n])*"? | '(?:\\.|[^'\\\n])*'? ))
  | (?P<name>[^\W\d]\w*)
  | (?P<number>\d[\w.]*)
  | (?P<symbol>\S)
    """,
    re.VERBOSE | re.DOTALL,
)
_QUOTES: Final = re.compile(r"[a-zA-Z]*(\"{3}|'{3}|\"|')")
_CLOSING: Final = {")": "(", "]": "[", "}": "{"}


class Token(NamedTuple):
    """A token; offsets count characters from 0, the end is exclusive."""

    kind: TokenKind
    start: int
    end: int
    text: str

    @property
    def is_identifier(self) -> bool:
        """Whether it is a name and no keyword."""
        return self.kind == "name" and not keyword.iskeyword(self.text)


@lru_cache(maxsize=4)
def tokens(text: str) -> tuple[Token, ...]:
    """Return the tokens of a text, comments included, white space left out."""
    return tuple(
        Token(cast("TokenKind", match.lastgroup), match.start(), match.end(), match[0])
        for match in _TOKEN.finditer(text)
    )


def string_content(token: Token) -> tuple[int, int]:
    """Return where the text between the quotes of a string begins and ends."""
    match = _QUOTES.match(token.text)
    assert match is not None, "every string begins with a quote"
    quote = match[1]
    closed = len(token.text) >= match.end() + len(quote) and token.text.endswith(quote)
    return token.start + match.end(), token.end - len(quote) if closed else token.end


def string_value(token: Token) -> str:
    """Return the text between the quotes of a string as it is written."""
    start, end = string_content(token)
    return token.text[start - token.start : end - token.start]


def opening(found: Sequence[Token], closing: int) -> int | None:
    """Return the position of the bracket that the one at ``closing`` closes."""
    depth = 0
    for position in range(closing, -1, -1):
        token = found[position]
        if token.kind != "symbol":
            continue
        if token.text in _CLOSING:
            depth += 1
        elif token.text in "([{":
            depth -= 1
            if depth == 0:
                return position
    return None
