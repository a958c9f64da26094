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
from typing import Final

MAX_MARKS: Final = 30
_FIRST_ASTRAL: Final = 0x10000


def with_few_marks(text: str) -> str:
    """``text`` without the marks beyond :data:`MAX_MARKS` in a row."""
    pattern = _ANY_RUN if _ASTRAL.search(text) else _USUAL_RUN
    return pattern.sub(lambda run: run[0][:MAX_MARKS], text)


def _run_of(marks: Iterable[int]) -> re.Pattern[str]:
    """Too many of these characters in a row."""
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


_MARKS: Final = [code for code in range(sys.maxunicode + 1) if unicodedata.combining(chr(code))]
_ASTRAL: Final = re.compile(f"[{chr(_FIRST_ASTRAL)}-{chr(sys.maxunicode)}]")
_USUAL_RUN: Final = _run_of(code for code in _MARKS if code < _FIRST_ASTRAL)
"""Finds runs 20 times as fast as :data:`_ANY_RUN`, in texts without characters beyond."""
_ANY_RUN: Final = _run_of(_MARKS)
