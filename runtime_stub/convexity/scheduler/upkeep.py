"""What has to be done for all processes: cron jobs, actions of dead processes, expired rows.

Any process may do it, and whoever does has claimed it, so that they do not get in each other's way.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from convexity.database.transaction import Transaction
from convexity.scheduler.cron_jobs import DeployedJob, next_time, reconcile, schedule_due
from convexity.scheduler.rows import BATCH, delete_expired, fail_interrupted, rows_in_progress

if TYPE_CHECKING:
    from convexity.database.claims import Claims
    from convexity.database.engine import WriteTransaction
    from convexity.functions.calls import Calls
    from convexity.functions.components import Component

T = TypeVar("T")

CLEANING_INTERVAL: Final = 3600.0
"""Seconds between deletions of expired rows."""

TAKEOVER_INTERVAL: Final = 1.0
"""Seconds between looks at what other processes have claimed: the death of one gives no signal."""

RECLAIM_TIME: Final = 3.0
"""Seconds that other processes get to claim again what they run, after this one lost its
connection: they may have lost theirs too."""

FOREVER: Final = float("inf")

_JOBS: Final = "cron jobs"
_CLEANING: Final = "cleaning"

_logger: Final = logging.getLogger(__name__)


class Upkeep:
    """Work on the rows of all components; each part returns the seconds until it is due again."""

    def __init__(
        self,
        calls: Calls,
        claims: Claims,
        jobs: Mapping[Component, Sequence[DeployedJob]],
        running: Container[str],
    ) -> None:
        """Take what is shared with the service.

        Args:
            calls: Gives transactions.
            claims: Of this process.
            jobs: The cron jobs of each component that has some.
            running: Ids of the rows whose functions run here.
        """
        self._calls = calls
        self._claims = claims
        self._components = tuple(calls.components)
        self._jobs = jobs
        self._running = running
        self._cleaning_due = 0.0
        self._sweep_due = 0.0
        self._is_suspicious = True

    async def deploy_jobs(self) -> None:
        """Make the rows of the cron jobs those of this version."""

        async def settle(store: WriteTransaction) -> None:
            for component in self._components:
                jobs = self._jobs.get(component, ())
                await reconcile(Transaction(store, component.database), jobs, self._calls.clock())

        await self._calls.write(settle)

    async def schedule_jobs(self) -> float:
        """Schedule the cron jobs that are due."""
        waiting = [await self._schedule_jobs_of(component) for component in self._jobs]
        return min(waiting, default=FOREVER)

    async def _schedule_jobs_of(self, component: Component) -> float:
        calls = self._calls

        async def schedule(store: WriteTransaction) -> None:
            await schedule_due(Transaction(store, component.database), calls.clock())

        while True:
            async with calls.engine.snapshot() as snapshot:
                due = await next_time(Transaction(snapshot, component.database))
            seconds = FOREVER if due is None else (due - calls.clock()).total_seconds()
            if seconds > 0:
                return seconds
            if not await self._claims.claim([_JOBS], 1):
                return TAKEOVER_INTERVAL
            try:
                await calls.write(schedule)
            finally:
                self._claims.release([_JOBS])

    def suspect(self) -> bool:
        """Look soon for actions whose process died; returns whether that is news."""
        is_news = not self._is_suspicious
        self._is_suspicious = True
        return is_news

    def trust(self) -> None:
        """Look for such actions only when other processes had time to claim again what they run."""
        self._is_suspicious = True
        self._sweep_due = asyncio.get_running_loop().time() + RECLAIM_TIME

    async def fail_interrupted(self) -> float:
        """Mark actions as failed that are in progress, but that no process has claimed."""
        if not self._is_suspicious:
            return FOREVER
        loop = asyncio.get_running_loop()
        if loop.time() < self._sweep_due:
            return self._sweep_due - loop.time()
        self._is_suspicious = False
        try:
            for component in self._components:
                if await self._fail_interrupted_of(component):
                    self._is_suspicious = True
        except BaseException:
            self._is_suspicious = True
            raise
        self._sweep_due = loop.time() + TAKEOVER_INTERVAL
        return TAKEOVER_INTERVAL if self._is_suspicious else FOREVER

    async def _fail_interrupted_of(self, component: Component) -> bool:
        """Whether other processes run actions."""
        others_run = False
        place = b""
        while True:
            async with self._calls.engine.snapshot() as snapshot:
                rows = await rows_in_progress(Transaction(snapshot, component.database), place)
            ids = [str(row.document["_id"]) for row in rows]
            ids = [document_id for document_id in ids if document_id not in self._running]
            dead = await self._claims.claim(ids, len(ids))
            others_run |= len(dead) < len(ids)
            if dead:
                await self._fail(component, dead)
            if len(rows) < BATCH:
                return others_run
            place = rows[-1].key

    async def _fail(self, component: Component, document_ids: Sequence[str]) -> None:
        async def fail(transaction: Transaction) -> list[str]:
            return await fail_interrupted(transaction, document_ids, self._calls.clock())

        try:
            for name in await self._write(component, fail):
                _logger.warning("Action %s was running when its process ended: it failed", name)
        finally:
            self._claims.release(document_ids)

    async def delete_expired(self) -> float:
        """Delete rows that are kept no longer; the process that does so goes on to do so."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._cleaning_due:
            return self._cleaning_due - loop.time()
        if await self._claims.claim([_CLEANING], 1):
            for component in self._components:
                await self._delete_expired_of(component)
        self._cleaning_due = loop.time() + CLEANING_INTERVAL
        return CLEANING_INTERVAL

    async def _delete_expired_of(self, component: Component) -> None:
        async def delete(transaction: Transaction) -> int:
            return await delete_expired(transaction, self._calls.clock())

        while await self._write(component, delete) == BATCH:
            pass

    async def _write(self, component: Component, work: Callable[[Transaction], Awaitable[T]]) -> T:
        async def in_store(store: WriteTransaction) -> T:
            return await work(Transaction(store, component.database))

        return (await self._calls.write(in_store)).value
