"""Codes of tickets: digits, with one that checks the others."""

from __future__ import annotations

import random

DIGITS = 11


def checked(digits: str) -> str:
    """Digits with their check digit."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def new_code() -> str:
    """A code that was hardly given out before."""
    return checked("".join(str(random.randint(0, 9)) for _ in range(DIGITS)))


def is_code(text: str) -> bool:
    """Whether a text is a code, as far as it tells itself."""
    return text.isdecimal() and len(text) == DIGITS + 1 and checked(text[:-1]) == text
