"""Questions about float64 numbers that Python does not answer directly."""

from __future__ import annotations

import math


def is_exact(number: int, /) -> bool:
    """Whether an integer can be a float64 without losing digits."""
    try:
        return int(float(number)) == number
    except OverflowError:
        return False


def is_negative_zero(number: float, /) -> bool:
    """Whether this is -0.0, which Convex tells apart from 0.0 (``wire-protocol`` 7.1)."""
    return number == 0.0 and math.copysign(1.0, number) < 0.0


def is_ordinary(number: float, /) -> bool:
    """Whether it is written as a JSON number: finite and not -0.0 (``wire-protocol`` 1.1)."""
    if number:
        return number - number == 0.0
    return math.copysign(1.0, number) > 0.0
