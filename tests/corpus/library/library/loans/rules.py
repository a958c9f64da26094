"""How long a book may be kept, and what it costs to keep it longer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

FINE_PER_DAY: Final = 0.25
MOST_RENEWALS: Final = 3
_DAYS: Final = {"book": 28, "film": 7, "magazine": 14}


def due_after(start: date, medium: str) -> str:
    """The last day of a loan as ISO text."""
    return (start + timedelta(days=_DAYS.get(medium, 14))).isoformat()


def fine(due: str, returned: date) -> float:
    """What is owed for days after the last one."""
    late = (returned - date.fromisoformat(due)).days
    return max(late, 0) * FINE_PER_DAY
