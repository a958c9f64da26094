"""The loop that starts scheduled functions when they are due."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from convexity.database.transaction import Transaction
from convexity.errors import SupersededError
from convexity.scheduler.cron_jobs import DeployedJob
from convexity.scheduler.execution import Execution
from convexity.scheduler.rows import may_begin_actions, may_schedule, pending_rows, state_of
from convexity.scheduler.upkeep import FOREVER, TAKEOVER_INTERVAL, Upkeep
from convexity.values import to_millis
from convexity.values.limits import MAX_CONCURRENT_SCHEDULED_JOBS

if TYPE_CHECKING:
    from convexity.database.claims import Claims
    from convexity.database.engine import Commit
    from convexity.functions.calls import Calls
    from convexity.functions.components import Component

T = TypeVar("T")

FAILURE_PAUSE: Final = 1.0
"""Seconds before another attempt when the database refuses to work."""

_OTHERS: Final = 3
"""Other processes whose rows are read over at once; where there are more, the look is repeated."""

UNKNOWN_GRACE: Final = 600.0
"""Seconds that a function which this version does not have is left to processes of another one:
while versions are exchanged, they run side by side."""

DEFAULT_GRACE: Final = 30.0
"""Seconds that running functions get to end when the service stops."""

_logger: Final = logging.getLogger(__name__)


class _Running(NamedTuple):
    """A function that runs here."""

    owner: Component
    row: Mapping[str, Any]
    task: asyncio.Task[None]


class SchedulerService:
    """Runs the scheduled functions of a database, beside other processes that may do the same.

    A process runs only what it has claimed. It sleeps until the next function is due; commits that
    schedule something wake it up. What other processes have claimed it looks at now and then, since
    they may have died.
    """

    def __init__(
        self,
        calls: Calls,
        claims: Claims,
        *,
        jobs: Mapping[Component, Sequence[DeployedJob]] = MappingProxyType({}),
        parallelism: int = MAX_CONCURRENT_SCHEDULED_JOBS,
    ) -> None:
        """Take what runs functions, and what decides which process runs which.

        Args:
            calls: runs functions.
            claims: of this process.
            jobs: the cron jobs of each component that has some.
            parallelism: functions that run at once.
        """
        self._calls = calls
        self._claims = claims
        self._components = tuple(calls.components)
        self._parallelism = parallelism
        self._execution = Execution(calls, jobs, is_claimed=claims.is_shared)
        self._running: dict[str, _Running] = {}
        self._unclaimed: set[str] = set()
        """What runs here although its claim was lost."""
        self._upkeep = Upkeep(calls, claims, jobs, self._running)
        self._is_full = False
        """Whether there may be more to start when something ends."""
        self._wake = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to serve."""
        self._stopping = False
        self._upkeep.suspect()
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
        if tasks := self._tasks():
            await asyncio.wait(tasks, timeout=grace)
        tasks = self._tasks()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
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
            await self._serve_until_stopped()
            # What runs keeps its claim until it has ended.
            while tasks := self._tasks():
                await asyncio.wait(tasks)
        finally:
            self._claims.give_up()

    async def _serve_until_stopped(self) -> None:
        try:
            await self._repeatedly(self._acquire)
            await self._repeatedly(self._upkeep.deploy_jobs)
            await self._serve_claiming()
            while not self._stopping:
                await self._repeatedly(self._acquire)
                self._upkeep.trust()
                await self._serve_claiming()
        except SupersededError as error:
            self._leave(error)

    def _leave(self, error: SupersededError) -> None:
        """Leave everything to processes that know the schema."""
        if not self._stopping:
            _logger.warning("No scheduled function is run here any more: %s", error)
            self.begin_stop()

    async def _acquire(self) -> None:
        await self._claims.acquire(self._lost)

    def _lost(self) -> None:
        self._unclaimed = set(self._running)
        self._wake.set()

    async def _serve_claiming(self) -> None:
        """Start functions as long as this process may claim them."""
        upkeep = self._upkeep
        duties = (
            self._claim_again,
            upkeep.delete_expired,
            upkeep.schedule_jobs,
            upkeep.fail_interrupted,
            self._start_due,
        )
        unsubscribe = self._calls.engine.on_commit(self._committed)
        try:
            while self._claims.is_held and not self._stopping:
                self._wake.clear()
                await self._sleep(min([await self._repeatedly(duty) for duty in duties]))
        finally:
            unsubscribe()

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

    async def _claim_again(self) -> float:
        """Claim what runs here, after all claims were lost with the connection.

        What another process has marked as failed in between is cancelled; before that is noticed,
        it can write nothing more (``functions/fencing.py``). The rest goes on. A claim may have to
        wait until the server notices that the connection is gone.
        """
        unclaimed = self._unclaimed
        running = {document_id: self._running[document_id] for document_id in unclaimed}
        if not running:
            return FOREVER
        claimed = await self._claims.claim(list(running), len(running))
        async with self._calls.engine.snapshot() as snapshot:
            failed = {
                document_id
                for document_id, (owner, row, _) in running.items()
                if await state_of(Transaction(snapshot, owner.database), row) == "failed"
            }
        unclaimed.difference_update(claimed, failed)
        for document_id, (_, row, task) in running.items():
            if task.done():
                self._claims.release([document_id])
            elif document_id in failed:
                _logger.warning(
                    "Scheduled function %s is cancelled: the connection to the database was lost, "
                    "and another process has marked it as failed",
                    row["name"],
                )
                task.cancel()
        return TAKEOVER_INTERVAL if unclaimed else FOREVER

    async def _start_due(self) -> float:
        """Start what is due and nobody has claimed, as far as there are free slots.

        Returns:
            Seconds until there may be more, without a commit.
        """
        self._is_full = False
        others = _OTHERS if self._claims.is_shared else 0
        most = (1 + others) * self._parallelism + len(self._running) + 1
        while free := self._parallelism - len(self._running):
            pages = await self._pending(most)
            now = to_millis(self._calls.clock())
            waiting = sorted(
                (
                    (self._due_time(owner, row), owner, row)
                    for owner, page in pages.items()
                    for row in page
                ),
                key=lambda entry: entry[0],
            )
            due = {
                str(row["_id"]): (owner, row)
                for time, owner, row in waiting
                if time <= now and row["_id"] not in self._running
            }
            claimed = await self._claims.claim(list(due), free)
            if self._stopping:
                self._claims.release(claimed)
                break
            for document_id in claimed:
                self._start(document_id, *due[document_id])
            if len(claimed) == free:
                continue  # Some may have ended meanwhile.
            last = (page[-1] for page in pages.values() if len(page) == most)
            if any(row["scheduledTime"] <= now for row in last):
                # There are more that are due, behind those that others have claimed.
                most *= 4
                continue
            later = (time for time, _, _ in waiting if time > now)
            seconds = (next(later, FOREVER) - now) / 1000
            return seconds if len(claimed) == len(due) else min(seconds, TAKEOVER_INTERVAL)
        self._is_full = True
        return FOREVER

    def _due_time(self, owner: Component, row: Mapping[str, Any]) -> float:
        """When this process may run a function, in milliseconds since the epoch."""
        time: float = row["scheduledTime"]
        if self._claims.is_shared and not owner.knows(row["name"]):
            time += UNKNOWN_GRACE * 1000
        return time

    async def _pending(self, most: int) -> dict[Component, list[dict[str, Any]]]:
        """The pending rows of each component that are due first, at most so many of each."""
        async with self._calls.engine.snapshot() as snapshot:
            return {
                component: await pending_rows(Transaction(snapshot, component.database), most)
                for component in self._components
            }

    def _start(self, document_id: str, owner: Component, row: Mapping[str, Any]) -> None:
        is_left = False

        async def run() -> None:
            nonlocal is_left
            try:
                await self._execution.run(owner, row)
            except SupersededError as error:
                self._leave(error)
            except Exception:
                _logger.exception("Scheduled function %s could not be run", row["name"])
                self._upkeep.suspect()
                await asyncio.sleep(FAILURE_PAUSE)
                is_left = True

        def ended(_task: asyncio.Task[None]) -> None:
            del self._running[document_id]
            self._unclaimed.discard(document_id)
            self._claims.release([document_id])
            if self._is_full or is_left:
                self._wake.set()

        task = asyncio.get_running_loop().create_task(run())
        self._running[document_id] = _Running(owner, row, task)
        task.add_done_callback(ended)

    def _tasks(self) -> list[asyncio.Task[None]]:
        return [running.task for running in self._running.values()]

    def _committed(self, commit: Commit) -> None:
        if may_schedule(commit):
            self._wake.set()
        if self._claims.is_shared and may_begin_actions(commit) and self._upkeep.suspect():
            self._wake.set()
