"""The scheduler of a test: nothing runs unless the test says so, one function after another."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from convexity.database.transaction import Transaction
from convexity.scheduler.cron_jobs import DeployedJob, next_time, reconcile, schedule_due
from convexity.scheduler.execution import Execution
from convexity.scheduler.rows import pending_rows
from convexity.values import from_millis

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from convexity.database.engine import WriteTransaction
    from convexity.functions.calls import Calls
    from convexity.functions.components import Component
    from convexity.testing.clock import FakeClock

MAX_RUNS: Final = 1000
"""Functions that one call runs unless told otherwise: one may schedule itself for ever."""


class TestScheduler:
    """Runs scheduled functions and cron jobs at the times of a fake clock."""

    __test__ = False

    def __init__(
        self, calls: Calls, clock: FakeClock, jobs: Mapping[Component, Sequence[DeployedJob]]
    ) -> None:
        self._calls = calls
        self._components = tuple(calls.components)
        self._clock = clock
        self._jobs = jobs
        self._execution = Execution(calls, jobs)

    async def start(self, deployed_at: datetime) -> None:
        """Begin with the cron jobs of a deployment of that time."""
        calls = self._calls

        async def settle(store: WriteTransaction) -> None:
            for component, jobs in self._jobs.items():
                await reconcile(Transaction(store, component.database), jobs, deployed_at)

        if self._jobs:
            await calls.write(settle)

    async def run_due(self, most: int = MAX_RUNS) -> list[dict[str, Any]]:
        """Run what is due now, and what that schedules for now; returns their rows, as they ended.

        Args:
            most: How many functions may run.

        Raises:
            RuntimeError: there is no end to it.
        """
        ran: list[dict[str, Any]] = []
        while (due := await self._next_due()) is not None:
            owner, row = due
            if len(ran) == most:
                raise _endless(row, most)
            await self._execution.run(owner, row)
            ran.append(await self._row(owner, row["_id"]))
        return ran

    async def run_until(
        self, end: datetime | None, most: int | None = None
    ) -> list[dict[str, Any]]:
        """Let time pass and run what falls due, each at its time.

        Args:
            end: Until when; ``None``: until no function is pending.
            most: How many functions may run; ``None``: any number at different times.

        Raises:
            RuntimeError: there is no end to it.
        """
        ran = await self.run_due(most or MAX_RUNS)
        while (when := await self._next_time(end)) is not None:
            self._clock.move_to(when)
            ran += await self.run_due(MAX_RUNS if most is None else most - len(ran))
        return ran

    async def _next_time(self, end: datetime | None) -> datetime | None:
        """When something is due next, up to ``end``; without one, while a function is pending."""
        pending = await self._next_pending()
        times = [] if pending is None else [from_millis(pending[1]["scheduledTime"])]
        if end is None and not times:
            return None
        async with self._calls.engine.snapshot() as snapshot:
            for component in self._jobs:
                cron = await next_time(Transaction(snapshot, component.database))
                times += [] if cron is None else [cron]
        when = min(times, default=None)
        return when if when is not None and (end is None or when <= end) else None

    async def _next_due(self) -> tuple[Component, dict[str, Any]] | None:
        calls = self._calls

        async def schedule(store: WriteTransaction) -> None:
            for component in self._jobs:
                await schedule_due(Transaction(store, component.database), calls.clock())

        if self._jobs:
            await calls.write(schedule)
        due = await self._next_pending()
        if due is not None and from_millis(due[1]["scheduledTime"]) <= calls.clock():
            return due
        return None

    async def _next_pending(self) -> tuple[Component, dict[str, Any]] | None:
        """The row of any component that is to run next."""
        async with self._calls.engine.snapshot() as snapshot:
            rows = [
                (component, row)
                for component in self._components
                for row in await pending_rows(Transaction(snapshot, component.database), 1)
            ]
        return min(rows, key=lambda entry: entry[1]["scheduledTime"], default=None)

    async def _row(self, owner: Component, document_id: str) -> dict[str, Any]:
        async with self._calls.engine.snapshot() as snapshot:
            row = await Transaction(snapshot, owner.database).get(document_id)
        return row or {}


def _endless(row: dict[str, Any], most: int) -> RuntimeError:
    return RuntimeError(
        f"{row['name']} is due, but {most} scheduled functions ran already: one that schedules "
        "itself again never ends, use t.clock.advance(...) to let some time pass; or allow more "
        "with `at_most`"
    )
