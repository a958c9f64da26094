"""Creation times of documents."""

from __future__ import annotations

import math
from datetime import UTC, datetime


class CreationClock:
    """Gives ``_creationTime``: fixed at the start, one ulp later per insert (wire-protocol 7.2)."""

    __slots__ = ("_last", "_start", "_started_at")

    def __init__(self, timestamp: int) -> None:
        self._start = timestamp / 1_000_000
        self._started_at: datetime | None = None
        self._last = -math.inf

    @property
    def started_at(self) -> datetime:
        """The start; new ids carry its day."""
        if self._started_at is None:
            self._started_at = datetime.fromtimestamp(self._start / 1000, UTC)
        return self._started_at

    def next(self) -> float:
        """The creation time of the next document."""
        self._last = max(self._start, math.nextafter(self._last, math.inf))
        return self._last
