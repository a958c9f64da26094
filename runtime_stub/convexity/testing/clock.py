"""The clock of a test: it stands still until the test moves it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""What the clock shows at first, the same in every run."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class FakeClock:
    """What ``ctx.now()``, scheduled functions, cron jobs and creation times go by."""

    __slots__ = ("_now", "_run_until")

    def __init__(self, start: datetime, run_until: Callable[[datetime], Awaitable[None]]) -> None:
        """Take the first time, aware, and what runs everything that is due up to a time."""
        if start.tzinfo is None:
            raise ValueError(f"the clock needs an aware datetime, not {start!r}")
        self._now = start.astimezone(UTC)
        self._run_until = run_until

    def now(self) -> datetime:
        """The time shown, aware, in UTC."""
        return self._now

    async def advance(self, delta: timedelta, /) -> None:
        """Let time pass: what falls due on the way runs, each at its own time.

        Raises:
            ValueError: ``delta`` is negative.
        """
        end = self._later(delta)
        await self._run_until(end)
        self._now = max(self._now, end)

    def jump(self, delta: timedelta, /) -> None:
        """Move the clock and run nothing, as if the backend had been down for so long.

        Raises:
            ValueError: ``delta`` is negative.
        """
        self._now = self._later(delta)

    def move_to(self, when: datetime, /) -> None:
        """Show a time that is not before the one shown; without effect otherwise."""
        self._now = max(self._now, when)

    def nanoseconds(self) -> int:
        """The time shown, since the epoch."""
        return (self._now - _EPOCH) // timedelta(microseconds=1) * 1000

    def _later(self, delta: timedelta) -> datetime:
        if delta < timedelta():
            raise ValueError(f"time does not go back: {delta}")
        return self._now + delta
