"""Texts of projects as lines that terminals and logs can show."""

from __future__ import annotations

import unicodedata
from typing import Final

_ESCAPED: Final = ("Cc", "Cs", "Zl", "Zp")
"""Categories of characters that end lines, steer terminals or cannot be encoded: control
characters, surrogates, separators of lines and of paragraphs (Unicode 15, section 4.5)."""


def printable(text: str) -> str:
    r"""Return a text on one line, with escapes such as ``\x1b`` for what cannot be shown."""
    if text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode("ascii")
        if unicodedata.category(character) in _ESCAPED
        else character
        for character in text
    )
