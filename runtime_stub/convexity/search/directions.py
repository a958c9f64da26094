"""Vectors as vector search compares them: by direction, in single precision."""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Sequence


def direction(vector: Sequence[float]) -> bytes | None:
    """A vector scaled to length 1, as little-endian float32.

    ``None`` for one that points nowhere: all zeros, or with a number that is infinite or none.
    """
    length = math.hypot(*vector)
    if not math.isfinite(length):
        largest = max(map(abs, vector))
        if not math.isfinite(largest) or any(number != number for number in vector):
            return None
        return direction([number / largest for number in vector])
    if length == 0:
        return None
    numbers = array("f", [number / length for number in vector])
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()
