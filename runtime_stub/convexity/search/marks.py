"""Bounding how many combining marks follow each other.

Unicode normalization sorts the marks of a letter, in a time that grows with the square of their
number: 100,000 of them, which is little text, would keep a backend busy for minutes. No language
needs more than a few. The bound is that of the Stream-Safe Text Format (Unicode Standard Annex 15,
section 13).
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

MAX_MARKS: Final = 30
_FIRST_ASTRAL: Final = 0x10000
_FIRST_IDEOGRAPH: Final = 0x20000
"""Unicode keeps what follows for ideographs, tags and private use, of which none combines."""


def with_few_marks(text: str) -> str:
    """``text`` without the marks beyond :data:`MAX_MARKS` in a row."""
    # Without characters beyond, a text is searched 20 times as fast.
    end = _FIRST_IDEOGRAPH if _ASTRAL.search(text) else _FIRST_ASTRAL
    return _too_many_below(end).sub(lambda run: run[0][:MAX_MARKS], text)


@cache
def _too_many_below(end: int) -> re.Pattern[str]:
    """Too many marks in a row, of those whose code is less than ``end``."""
    marks = (code for code in range(end) if unicodedata.combining(chr(code)))
    mark = f"[{''.join(f'{chr(first)}-{chr(last)}' for first, last in _ranges(marks))}]"
    return re.compile(f"{mark}{mark}{{{MAX_MARKS},}}")


def _ranges(codes: Iterable[int]) -> Iterator[tuple[int, int]]:
    first = last = -1
    for code in codes:
        if code != last + 1 or first < 0:
            if first >= 0:
                yield first, last
            first = code
        last = code
    yield first, last


_ASTRAL: Final = re.compile(f"[{chr(_FIRST_ASTRAL)}-{chr(sys.maxunicode)}]")
