"""String literals as formatters write them."""

from __future__ import annotations


def double_quoted(text: str) -> str:
    """Return a string literal, in double quotes unless that takes more escapes."""
    literal = repr(text)
    if literal[0] == "'" and '"' not in text:
        return f'"{literal[1:-1]}"'
    return literal
