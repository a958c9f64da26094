"""The PostgreSQL engine: as many processes as one likes on one database."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from convexity.database.postgres.address import parse_address
from convexity.database.postgres.claims import AdvisoryClaims
from convexity.database.postgres.commit_feed import CommitFeed
from convexity.database.postgres.connection import lock_key
from convexity.database.postgres.deploy_store import deploy_to_server
from convexity.database.postgres.file_writers import AdvisoryWriters
from convexity.database.postgres.group_commit import PostgresGroupCommit
from convexity.database.postgres.locks import Session
from convexity.database.postgres.readers import NewestSnapshot, PinnedSnapshots, ReaderPool
from convexity.database.postgres.statements import build_statements
from convexity.database.system_tables import system_tables
from convexity.database.table_numbers import TableNumbers
from convexity.errors import OverloadedError

if TYPE_CHECKING:
    from convexity.database.claims import Claims
    from convexity.database.engine import (
        Commit,
        Committed,
        Deployment,
        Snapshot,
        WriteTransaction,
    )
    from convexity.database.file_writers import Writers
    from convexity.database.postgres.address import PostgresAddress
    from convexity.database.postgres.deploy_store import Deployed
    from convexity.database.postgres.statements import Statements
    from convexity.database.process_lock import ProcessLock
    from convexity.database.tables import Schema

T = TypeVar("T")

_log = logging.getLogger(__name__)


class PostgresEngine:
    """Implements :class:`~convexity.database.engine.Engine` on a PostgreSQL database."""

    def __init__(self, url: str, *, report: Path, clock: Callable[[], int] = time.time_ns) -> None:
        """Take the address; nothing is opened yet.

        Args:
            url: ``postgresql://`` and so on.
            report: File that is to list documents that refuse a new schema.
            clock: Nanoseconds since the epoch.

        Raises:
            ValueError: the address cannot be used.
        """
        self._address = parse_address(url)
        self._report = report
        self._clock = clock
        self._listeners: list[Callable[[Commit], None]] = []
        self._group_listeners: list[Callable[[int, float], None]] = []
        self._numbers = TableNumbers({}, self.write)
        self._serving: _Serving | None = None

    async def start(
        self, schema: Schema, components: Mapping[str, Schema] = MappingProxyType({}), /
    ) -> Deployment:
        """Connect and deploy the schemas; see :meth:`Engine.start`."""
        schemas = {"": schema, **components}
        await asyncio.to_thread(self._report.parent.mkdir, parents=True, exist_ok=True)
        deployed = await deploy_to_server(self._address, schemas, self._report)
        statements = build_statements(
            table
            for component, schema in schemas.items()
            for table in (*schema.tables, *system_tables(component))
        )
        self._numbers = TableNumbers(deployed.deployment.catalogs, self.write)
        self._serving = _Serving(
            self._address,
            deployed,
            statements,
            self._clock,
            self._notify,
            self._numbers.adopt,
            self._notify_group,
        )
        self._serving.feed.start()
        return deployed.deployment

    def lock(self, name: str, /) -> ProcessLock:
        """A lock that ends with the connection of its holder."""
        return self._require_serving().session.lock(name)

    def claims(self, kind: str, /) -> Claims:
        """Claims that end with the connection of their holder."""
        return AdvisoryClaims(self._require_serving().session, kind)

    async def writers(self) -> Writers:
        """The processes that write files, known by locks."""
        writers = AdvisoryWriters(self._require_serving().session)
        await writers.announce()
        return writers

    async def close(self) -> None:
        """Finish the commits under way and close all connections."""
        if self._serving is not None:
            await self._numbers.close()
            serving, self._serving = self._serving, None
            await serving.close()

    def snapshot(self) -> AbstractAsyncContextManager[Snapshot]:
        """The newest state."""
        serving = self._require_serving()
        return NewestSnapshot(serving.readers, serving.statements)

    def snapshot_at(self, ts: int, /) -> AbstractAsyncContextManager[Snapshot]:
        """The state at a time that :meth:`latest_timestamp` gave."""
        return self._require_serving().pins.at(ts)

    @property
    def frontier(self) -> int:
        """Time up to which listeners know of every commit."""
        return self._require_serving().feed.frontier

    async def settle(self) -> None:
        """Return when listeners know of every commit that a snapshot of now would see."""
        await self._require_serving().feed.settle()

    @property
    def is_superseded(self) -> bool:
        """Whether a write was refused because another version of the schema was deployed."""
        return self._require_serving().group_commit.is_superseded

    def is_settled(self) -> bool:
        """Never: only the database knows, and asking it takes a while."""
        return False

    async def latest_timestamp(self) -> int:
        """Time of the newest state, which stays readable for at least 30 s."""
        return await self._require_serving().pins.pin()

    async def write(self, work: Callable[[WriteTransaction], Awaitable[T]], /) -> Committed[T]:
        """Run ``work`` as a transaction and answer when what it wrote is durable."""
        return await self._require_serving().group_commit.write(work)

    def on_group(self, listener: Callable[[int, float], None], /) -> None:
        """Call ``listener`` after each commit of this process; see :meth:`Engine.on_group`."""
        self._group_listeners.append(listener)

    def on_commit(self, listener: Callable[[Commit], None], /) -> Callable[[], None]:
        """Call ``listener`` on the event loop after each commit; see :meth:`Engine.on_commit`."""
        self._listeners.append(listener)

        def remove() -> None:
            self._listeners.remove(listener)

        return remove

    def _require_serving(self) -> _Serving:
        if self._serving is None:
            raise OverloadedError("the database is not open: the backend starts or shuts down")
        return self._serving

    def _notify_group(self, transactions: int, seconds: float) -> None:
        for listener in self._group_listeners:
            listener(transactions, seconds)

    def _notify(self, commit: Commit) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(commit)
            except Exception:
                _log.exception("A commit listener failed")


class _Serving:
    """What exists between start and close."""

    __slots__ = (
        "feed",
        "group_commit",
        "group_readers",
        "pins",
        "readers",
        "session",
        "statements",
    )

    def __init__(
        self,
        address: PostgresAddress,
        deployed: Deployed,
        statements: Statements,
        clock: Callable[[], int],
        notify: Callable[[Commit], None],
        adopt: Callable[[Mapping[str, int]], None],
        durable: Callable[[int, float], None],
    ) -> None:
        lock = lock_key(deployed.sql_schema, "commit")
        channel = f"convexity_{lock & 0xFFFFFFFFFFFFFFFF:016x}"
        self.statements = statements
        self.readers = ReaderPool(address)
        # Whoever holds the lock of commits must not wait for queries.
        self.group_readers = ReaderPool(replace(address, pool_size=2))
        self.feed = CommitFeed(address, channel, deployed.newest, notify, adopt)
        self.group_commit = PostgresGroupCommit(
            address,
            statements,
            clock,
            self.group_readers,
            self.feed,
            durable,
            lock=lock,
            channel=channel,
            digest=deployed.digest,
        )
        self.pins = PinnedSnapshots(self.readers, statements)
        self.session = Session(address, deployed.sql_schema)

    async def close(self) -> None:
        await self.group_commit.close()
        await self.feed.close()
        await self.session.close()
        self.pins.close()
        await self.readers.close()
        await self.group_readers.close()
