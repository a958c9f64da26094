"""The SQLite engine: one file, one writer, snapshots for readers."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

import apsw

from convexity.database.claims import ExclusiveClaims
from convexity.database.engine import (
    Commit,
    Committed,
    Deployment,
    Snapshot,
    WriteTransaction,
)
from convexity.database.process_lock import FileLock
from convexity.database.sqlite.commit_feed import CommitFeed
from convexity.database.sqlite.connection import open_writer
from convexity.database.sqlite.deploy_store import deploy_to_file
from convexity.database.sqlite.file_writers import LockedWriters
from convexity.database.sqlite.group_commit import SqliteGroupCommit
from convexity.database.sqlite.readers import NewestSnapshot, PinnedSnapshots, ReaderPool
from convexity.database.sqlite.statements import build_statements
from convexity.database.system_tables import system_tables
from convexity.database.table_numbers import TableNumbers
from convexity.database.tables import Schema
from convexity.errors import DefinitionError, OverloadedError

if TYPE_CHECKING:
    from convexity.database.claims import Claims
    from convexity.database.file_writers import Writers
    from convexity.database.process_lock import ProcessLock
    from convexity.database.sqlite.statements import Statements

T = TypeVar("T")

_log = logging.getLogger(__name__)


class SqliteEngine:
    """Implements :class:`~convexity.database.engine.Engine` on a file."""

    def __init__(
        self,
        path: str | Path,
        *,
        clock: Callable[[], int] = time.time_ns,
        is_temporary: bool = False,
    ) -> None:
        """Take the file, which is created with its folder when missing.

        Args:
            path: The database file, on a local file system.
            clock: Nanoseconds since the epoch.
            is_temporary: Whether the file is of this process alone and ends with it: nothing waits
                for the disk, and nobody looks for commits of other processes.
        """
        self._path = Path(path)
        self._clock = clock
        self._is_temporary = is_temporary
        self._listeners: list[Callable[[Commit], None]] = []
        self._group_listeners: list[Callable[[int, float], None]] = []
        self._serving: _Serving | None = None
        self._numbers = TableNumbers({}, self.write)

    async def start(
        self, schema: Schema, components: Mapping[str, Schema] = MappingProxyType({}), /
    ) -> Deployment:
        """Open the file and deploy the schemas; see :meth:`Engine.start`."""
        schemas = {"": schema, **components}
        if self._is_temporary:
            connection, deployment = self._deploy(schemas)
        else:
            connection, deployment = await asyncio.to_thread(self._deploy, schemas)
        self._numbers = TableNumbers(deployment.catalogs, self.write)
        statements = build_statements(
            table
            for component, schema in schemas.items()
            for table in (*schema.tables, *system_tables(component))
        )
        self._serving = _Serving(
            connection, self._path, statements, self._clock, self._notify, self._notify_group
        )
        if self._is_temporary:
            connection.pragma("synchronous", "OFF")
            self._serving.group_commit.waits_for_disk = False
        else:
            self._serving.watch()
        return deployment

    def lock(self, name: str, /) -> ProcessLock:
        """A lock by a file beside the database."""
        return FileLock(self._beside(name))

    def claims(self, kind: str, /) -> Claims:
        """Claims of the process that holds the lock of that name: one writes at a time anyway."""
        return ExclusiveClaims(self.lock(kind))

    async def writers(self) -> Writers:
        """The processes that write files, known by files beside the database."""
        return LockedWriters(self._beside("writer"))

    async def close(self) -> None:
        """Finish the commits under way and close all connections."""
        if self._serving is not None:
            await self._numbers.close()
            serving, self._serving = self._serving, None
            await serving.close()

    def discard(self) -> None:
        """Close all connections at once, with or without an event loop; open transactions are lost.

        For temporary databases.
        """
        if self._serving is not None:
            serving, self._serving = self._serving, None
            serving.discard()

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
        await self._require_serving().settle()

    is_superseded = False

    def is_settled(self) -> bool:
        """Whether listeners know of every commit that is in the file."""
        return self._require_serving().feed.is_current()

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

    def _deploy(self, schemas: Mapping[str, Schema]) -> tuple[apsw.Connection, Deployment]:
        try:
            connection = open_writer(self._path)
            try:
                return connection, deploy_to_file(connection, schemas)
            except BaseException:
                connection.close()
                raise
        except (apsw.Error, OSError) as error:
            raise DefinitionError(f"the database {self._path} cannot be opened: {error}") from error

    def _beside(self, ending: str) -> Path:
        """A file for the processes that share the database."""
        return self._path.with_name(f"{self._path.name}-{ending}")

    def _require_serving(self) -> _Serving:
        if self._serving is None:
            raise OverloadedError("the database is not open: the backend starts or shuts down")
        return self._serving

    def _notify_group(self, transactions: int, seconds: float) -> None:
        for listener in self._group_listeners:
            listener(transactions, seconds)

    def _notify(self, commit: Commit) -> None:
        if not commit.is_complete and self._serving is not None:
            self._numbers.adopt(self._serving.feed.table_numbers())
        for listener in tuple(self._listeners):
            try:
                listener(commit)
            except Exception:
                _log.exception("A commit listener failed")


class _Serving:
    """What exists between start and close."""

    __slots__ = ("_watch", "feed", "group_commit", "pins", "readers", "statements")

    def __init__(
        self,
        connection: apsw.Connection,
        path: Path,
        statements: Statements,
        clock: Callable[[], int],
        notify: Callable[[Commit], None],
        durable: Callable[[int, float], None],
    ) -> None:
        self.statements = statements
        self.readers = ReaderPool(path)
        self.feed = CommitFeed(self.readers.open(), notify)
        self.group_commit = SqliteGroupCommit(connection, statements, clock, self.feed, durable)
        self.pins = PinnedSnapshots(self.readers, statements)
        self._watch: asyncio.Task[None] | None = None

    def watch(self) -> None:
        """Begin to look for commits of other processes."""
        self._watch = asyncio.get_running_loop().create_task(self.feed.watch(self.settle))

    async def settle(self) -> None:
        while not self.feed.is_current():
            if self.group_commit.is_committing:
                # The commit is our own: whoever made it tells the listeners in a moment.
                await self.group_commit.committed()
            else:
                self.feed.read_foreign()

    async def close(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        await self.group_commit.close()
        self._close_readers()

    def discard(self) -> None:
        self.group_commit.discard()
        self._close_readers()

    def _close_readers(self) -> None:
        self.feed.close()
        self.pins.close()
        self.readers.close()
