"""Points in time: aware ``datetime`` in code, milliseconds since the epoch in documents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def to_millis(when: datetime, /) -> float:
    """Milliseconds since 1970-01-01T00:00:00Z, the unit of ``_creationTime`` and of documents.

    Raises:
        ValueError: ``when`` has no time zone, so it names no point in time.
    """
    if when.utcoffset() is None:
        raise ValueError(
            f"to_millis() needs an aware datetime, got the naive {when.isoformat()!r}; "
            "give it a time zone, for example datetime.now(UTC) or when.replace(tzinfo=UTC)"
        )
    return (when - _EPOCH) / _MILLISECOND


def from_millis(millis: float, /) -> datetime:
    """The aware datetime (UTC) that lies ``millis`` milliseconds after the epoch.

    Raises:
        ValueError: ``millis`` is not finite, or outside the years 1 to 9999.
    """
    try:
        return _EPOCH + timedelta(milliseconds=millis)
    except (OverflowError, ValueError):
        raise ValueError(
            f"from_millis() cannot turn {millis!r} into a date: it needs a finite number of "
            "milliseconds since 1970 within the years 1 to 9999"
        ) from None
