"""Connections that read, each inside one snapshot at a time, and snapshots kept for a while."""

from __future__ import annotations

import asyncio
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final

import apsw

from convexity.database.sqlite.connection import open_reader
from convexity.database.sqlite.snapshot import SqliteSnapshot, read_timestamp
from convexity.errors import SnapshotTooOldError

if TYPE_CHECKING:
    from convexity.database.sqlite.statements import Statements

MAX_READERS: Final = 32
"""Snapshots open at once; further ones wait."""
PIN_SECONDS: Final = 35.0
"""Time for which a pinned snapshot is kept: clients rely on 30 s (wire-protocol 10)."""
MAX_PINS: Final = 32
"""Pinned snapshots; the oldest gives way to a further one."""


class ReaderPool:
    """Idle connections, opened as needed up to :data:`MAX_READERS`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: list[apsw.Connection] = []
        self._open = 0
        self._closed = False
        self._waiting: deque[asyncio.Future[apsw.Connection]] = deque()

    async def take(self) -> apsw.Connection:
        """A connection for the caller alone, outside a transaction."""
        if self._idle:
            return self._idle.pop()
        if self._open < MAX_READERS:
            self._open += 1
            return self.open()
        waiter: asyncio.Future[apsw.Connection] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self.give_back(waiter.result())
            raise

    def give_back(self, connection: apsw.Connection) -> None:
        """Return what :meth:`take` gave, outside a transaction."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        if self._closed:
            connection.close()
        else:
            self._idle.append(connection)

    def open(self) -> apsw.Connection:
        """A connection that the pool does not count."""
        return open_reader(self._path)

    def close(self) -> None:
        """Close the idle connections now and the others when they are given back."""
        self._closed = True
        for connection in self._idle:
            connection.close()
        self._idle.clear()


class NewestSnapshot:
    """``async with`` over the newest state."""

    __slots__ = ("_connection", "_pool", "_statements")

    def __init__(self, pool: ReaderPool, statements: Statements) -> None:
        self._pool = pool
        self._statements = statements

    async def __aenter__(self) -> SqliteSnapshot:
        self._connection = connection = await self._pool.take()
        try:
            return begin(connection, self._statements)
        except BaseException:
            await self.__aexit__(None, None, None)
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if not self._connection.get_autocommit():
            self._connection.execute("ROLLBACK")
        self._pool.give_back(self._connection)


def begin(connection: apsw.Connection, statements: Statements) -> SqliteSnapshot:
    """Begin a read transaction; it sees the database as of its first statement."""
    cursor = connection.cursor()
    cursor.execute("BEGIN")
    return SqliteSnapshot(cursor, statements, read_timestamp(cursor))


class _Pin:
    __slots__ = ("connection", "expiry", "users")

    expiry: asyncio.TimerHandle

    def __init__(self, connection: apsw.Connection) -> None:
        self.connection = connection
        self.users = 0


class PinnedSnapshots:
    """Snapshots that stay readable by their time after newer commits."""

    def __init__(self, pool: ReaderPool, statements: Statements) -> None:
        self._pool = pool
        self._statements = statements
        self._pins: dict[int, _Pin] = {}

    async def pin(self) -> int:
        """Keep the newest state and return its time."""
        async with NewestSnapshot(self._pool, self._statements) as newest:
            timestamp = newest.timestamp
        pin = self._pins.pop(timestamp, None)
        if pin is None:
            connection = self._pool.open()
            timestamp = begin(connection, self._statements).timestamp
            pin = _Pin(connection)
        else:
            pin.expiry.cancel()
        pin.expiry = asyncio.get_running_loop().call_later(PIN_SECONDS, self._drop, timestamp)
        self._pins[timestamp] = pin
        while len(self._pins) > MAX_PINS:
            self._drop(next(iter(self._pins)))
        return timestamp

    def at(self, timestamp: int) -> PastSnapshot:
        """The state at a pinned time, or the newest one if that is its time."""
        return PastSnapshot(self, NewestSnapshot(self._pool, self._statements), timestamp)

    def enter(self, timestamp: int) -> tuple[_Pin, SqliteSnapshot] | None:
        """A pinned snapshot, which stays open until it is left."""
        pin = self._pins.get(timestamp)
        if pin is None:
            return None
        pin.users += 1
        cursor = pin.connection.cursor()
        return pin, SqliteSnapshot(cursor, self._statements, timestamp, is_shared=True)

    def leave(self, timestamp: int, pin: _Pin) -> None:
        """End one use of a pinned snapshot."""
        pin.users -= 1
        if pin.users == 0 and self._pins.get(timestamp) is not pin:
            pin.connection.close()

    def close(self) -> None:
        """Drop all."""
        for timestamp in list(self._pins):
            self._drop(timestamp)

    def _drop(self, timestamp: int) -> None:
        pin = self._pins.pop(timestamp)
        pin.expiry.cancel()
        if pin.users == 0:
            pin.connection.close()


class PastSnapshot:
    """``async with`` over the state at some time."""

    __slots__ = ("_newest", "_pin", "_pins", "_timestamp")

    def __init__(self, pins: PinnedSnapshots, newest: NewestSnapshot, timestamp: int) -> None:
        self._pins = pins
        self._newest = newest
        self._timestamp = timestamp
        self._pin: _Pin | None = None

    async def __aenter__(self) -> SqliteSnapshot:
        entered = self._pins.enter(self._timestamp)
        if entered is not None:
            self._pin, snapshot = entered
            return snapshot
        snapshot = await self._newest.__aenter__()
        if snapshot.timestamp != self._timestamp:
            await self._newest.__aexit__(None, None, None)
            raise SnapshotTooOldError(
                f"the state at time {self._timestamp} is no longer kept; ask for a new timestamp"
            )
        return snapshot

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._pin is None:
            await self._newest.__aexit__(kind, error, traceback)
        else:
            self._pins.leave(self._timestamp, self._pin)
