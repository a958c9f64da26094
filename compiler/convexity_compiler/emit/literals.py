"""Literals of generated Python.

Names and texts of a project reach a generated file only through these functions, so that no text,
however odd, can end a string early or add code.
"""

from __future__ import annotations

import inspect
import re

_PLAIN = re.compile(r"[ !#-&(-\[\]-~]*")
"""Printable ASCII without quotes and backslashes."""
_UNSAFE_IN_DOCSTRING = re.compile(
    r'\\|\A"|"{3,}|"\Z|[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]'
)
"""Backslashes, quotes at either end or in threes, and characters no source file should hold."""


def python_literal(value: str | float | bool | None) -> str:
    """Write a scalar as Python source, in ASCII and with the quotes that ruff prefers.

    Double quotes are used unless they need more escapes than single ones.
    """
    if not isinstance(value, str):
        return repr(value)
    if _PLAIN.fullmatch(value):
        return f'"{value}"'
    quote = "'" if value.count('"') > value.count("'") else '"'
    return quote + "".join(_escaped(character, quote) for character in value) + quote


def docstring_lines(text: str | None) -> list[str]:
    """Write a docstring as source lines without indentation; nothing for a blank one.

    Indentation and surrounding blank lines are normalised as ``inspect.cleandoc`` does; text is
    kept readable, and only what could end the string or vanish in it is escaped.
    """
    lines = [line.rstrip() for line in inspect.cleandoc(text or "").split("\n")]
    source = _UNSAFE_IN_DOCSTRING.sub(_escaped_in_docstring, "\n".join(lines).strip())
    first, *others = source.split("\n")
    if others:
        return [f'"""{first}', *others, '"""']
    return [f'"""{first}"""'] if first else []


def _escaped_in_docstring(match: re.Match[str]) -> str:
    found = match[0]
    return "\\" + "\\".join(found) if found[0] in '\\"' else ascii(found)[1:-1]


def _escaped(character: str, quote: str) -> str:
    if character in "'\"":
        return f"\\{character}" if character == quote else character
    return ascii(character)[1:-1]
