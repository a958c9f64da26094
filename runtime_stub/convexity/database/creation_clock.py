"""Creation times of documents."""

from __future__ import annotations

import math


class CreationClock:
    """Gives ``_creationTime``: fixed at the start, one ulp later per insert (wire-protocol 7.2)."""

    __slots__ = ("_next", "started_at")

    def __init__(self, timestamp: int) -> None:
        """Take the time of the transaction, nanoseconds since the epoch."""
        self.started_at = timestamp / 1_000_000_000
        """That time in seconds; new ids carry its day."""
        self._next = timestamp / 1_000_000

    def next(self) -> float:
        """The creation time of the next document, milliseconds since the epoch."""
        time = self._next
        self._next = math.nextafter(time, math.inf)
        return time
