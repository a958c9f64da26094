"""The loop that starts scheduled functions when they are due."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from convexity.database.process_lock import ProcessLock
from convexity.database.transaction import Transaction
from convexity.errors import SupersededError
from convexity.functions.scheduling import TABLE
from convexity.scheduler.cron_jobs import DeployedJob, next_time, reconcile, schedule_due
from convexity.scheduler.execution import Execution
from convexity.scheduler.rows import BATCH, delete_expired, fail_interrupted, pending_rows
from convexity.values import to_millis
from convexity.values.limits import MAX_CONCURRENT_SCHEDULED_JOBS

if TYPE_CHECKING:
    from convexity.database.engine import Commit, WriteTransaction
    from convexity.functions.calls import Calls
    from convexity.functions.components import Component

T = TypeVar("T")

CLEANING_INTERVAL: Final = 3600.0
"""Seconds between deletions of expired rows."""

FAILURE_PAUSE: Final = 1.0
"""Seconds before another attempt when the database refuses to work."""

DEFAULT_GRACE: Final = 30.0
"""Seconds that running functions get to end when the service stops."""

_logger: Final = logging.getLogger(__name__)


class SchedulerService:
    """Runs the scheduled functions of a database, in one process at a time.

    It sleeps until the next function is due; commits that schedule something wake it up.
    """

    def __init__(
        self,
        calls: Calls,
        lock: ProcessLock,
        *,
        jobs: Mapping[Component, Sequence[DeployedJob]] = MappingProxyType({}),
        parallelism: int = MAX_CONCURRENT_SCHEDULED_JOBS,
    ) -> None:
        """Take what runs functions, and the lock that all processes of the database share.

        Args:
            calls: runs functions.
            lock: held as long as this process runs scheduled functions.
            jobs: the cron jobs of each component that has some.
            parallelism: functions that run at once.
        """
        self._calls = calls
        self._lock = lock
        self._components = tuple(calls.components)
        self._tables = {
            component.database.table(TABLE).table.qualified_name for component in self._components
        }
        self._jobs = jobs
        self._parallelism = parallelism
        self._execution = Execution(calls, jobs)
        self._running: dict[str, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to serve, as soon as no other process does."""
        self._stopping = False
        self._task = asyncio.get_running_loop().create_task(self._serve())

    async def stop(self, *, grace: float = DEFAULT_GRACE) -> None:
        """Start nothing more and wait for what runs.

        Args:
            grace: seconds after which what still runs is cancelled. A cancelled mutation runs
                again later; a cancelled action is marked as failed.
        """
        if self._task is None:
            return
        self.begin_stop()
        if self._running:
            await asyncio.wait(tuple(self._running.values()), timeout=grace)
        for task in tuple(self._running.values()):
            task.cancel()
        self._task.cancel()
        await asyncio.gather(self._task, *self._running.values(), return_exceptions=True)
        self._task = None

    def begin_stop(self) -> None:
        """Start nothing more."""
        self._stopping = True
        self._wake.set()

    def wake(self) -> None:
        """Look again for functions that are due, for example because a test moved the clock."""
        self._wake.set()

    async def _serve(self) -> None:
        try:
            while not self._stopping:
                await self._repeatedly(lambda: self._lock.acquire(self.wake))
                await self._serve_alone()
        except SupersededError as error:
            self._leave(error)

    def _leave(self, error: SupersededError) -> None:
        """Leave everything to processes that know the schema."""
        if not self._stopping:
            _logger.warning("No scheduled function is run here any more: %s", error)
            self.begin_stop()

    async def _serve_alone(self) -> None:
        """Start functions as long as no other process may."""
        unsubscribe = self._calls.engine.on_commit(self._committed)
        try:
            await self._repeatedly(self._take_over)
            cleaned = -CLEANING_INTERVAL
            loop = asyncio.get_running_loop()
            while self._lock.is_held and not self._stopping:
                self._wake.clear()
                if loop.time() - cleaned >= CLEANING_INTERVAL:
                    await self._repeatedly(self._clean)
                    cleaned = loop.time()
                await self._sleep(await self._repeatedly(self._start_due))
        finally:
            unsubscribe()
            self._lock.release()

    async def _repeatedly(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do something until the database lets it succeed."""
        while True:
            try:
                return await work()
            except SupersededError:
                raise
            except Exception:
                _logger.exception("The scheduler cannot work; trying again in %s s", FAILURE_PAUSE)
                await asyncio.sleep(FAILURE_PAUSE)

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _schedule_jobs(self) -> float:
        """Schedule the cron jobs that are due; returns seconds until the next one is."""
        waiting = [await self._schedule_jobs_of(component) for component in self._jobs]
        return min(waiting, default=CLEANING_INTERVAL)

    async def _schedule_jobs_of(self, component: Component) -> float:
        calls = self._calls

        async def schedule(store: WriteTransaction) -> None:
            await schedule_due(Transaction(store, component.database), calls.clock())

        while True:
            async with calls.engine.snapshot() as snapshot:
                due = await next_time(Transaction(snapshot, component.database))
            seconds = CLEANING_INTERVAL if due is None else (due - calls.clock()).total_seconds()
            if seconds > 0:
                return seconds
            await calls.write(schedule)

    async def _start_due(self) -> float:
        """Start what is due, as far as there are free slots; returns seconds until the next."""
        calls = self._calls
        next_job = await self._schedule_jobs()
        most = self._parallelism + len(self._running) + 1
        async with calls.engine.snapshot() as snapshot:
            pending = [
                (component, row)
                for component in self._components
                for row in await pending_rows(Transaction(snapshot, component.database), most)
            ]
        pending.sort(key=lambda entry: entry[1]["scheduledTime"])
        now = to_millis(calls.clock())
        for component, row in pending:
            if row["_id"] in self._running:
                continue
            if row["scheduledTime"] > now:
                seconds: float = (row["scheduledTime"] - now) / 1000
                return min(seconds, next_job, CLEANING_INTERVAL)
            if len(self._running) >= self._parallelism or self._stopping:
                break
            self._start(component, row)
        return min(next_job, CLEANING_INTERVAL)

    def _start(self, owner: Component, row: Mapping[str, Any]) -> None:
        document_id = row["_id"]

        async def run() -> None:
            try:
                await self._execution.run(owner, row)
            except SupersededError as error:
                self._leave(error)
            except Exception:
                _logger.exception("Scheduled function %s could not be run", row["name"])
                await asyncio.sleep(FAILURE_PAUSE)
            finally:
                del self._running[document_id]
                self._wake.set()

        self._running[document_id] = asyncio.get_running_loop().create_task(run())

    def _committed(self, commit: Commit) -> None:
        if not commit.is_complete or any(table in self._tables for table, _ in commit.writes.keys):
            self._wake.set()

    async def _take_over(self) -> None:
        """Settle what was left unfinished by a process that held the lock before, and its jobs."""

        async def settle(store: WriteTransaction) -> None:
            for component in self._components:
                jobs = self._jobs.get(component, ())
                await reconcile(Transaction(store, component.database), jobs, self._calls.clock())

        await self._calls.write(settle)
        await self._in_batches(
            lambda transaction: fail_interrupted(transaction, self._calls.clock())
        )

    async def _clean(self) -> None:
        await self._in_batches(lambda transaction: delete_expired(transaction, self._calls.clock()))

    async def _in_batches(self, work: Callable[[Transaction], Awaitable[int]]) -> None:
        for component in self._components:
            await self._in_batches_of(component, work)

    async def _in_batches_of(
        self, component: Component, work: Callable[[Transaction], Awaitable[int]]
    ) -> None:
        async def batch(store: WriteTransaction) -> int:
            return await work(Transaction(store, component.database))

        while (await self._calls.write(batch)).value == BATCH:
            pass
