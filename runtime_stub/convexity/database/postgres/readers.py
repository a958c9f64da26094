"""Connections that read, each inside one snapshot at a time, and snapshots kept for a while."""

from __future__ import annotations

import asyncio
from collections import deque
from contextvars import Context
from types import TracebackType
from typing import TYPE_CHECKING, Final

from convexity.database.postgres import statements as sql
from convexity.database.postgres.connection import LOST, connect, failures
from convexity.database.postgres.snapshot import PostgresSnapshot, Reader
from convexity.errors import OverloadedError, SnapshotTooOldError

if TYPE_CHECKING:
    from convexity.database.postgres.address import PostgresAddress
    from convexity.database.postgres.connection import Connection
    from convexity.database.postgres.statements import Statements

PIN_SECONDS: Final = 35.0
"""Time for which a pinned snapshot is kept: clients rely on 30 s (wire-protocol 10)."""
MAX_PINS: Final = 8
"""Pinned snapshots, each with a connection; the oldest gives way to a further one."""
RENEWAL_TIMEOUT: Final = 5.0
"""Seconds after which a connection that does not end its transaction is closed."""
_BEGIN: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_NEXT: Final = f"ROLLBACK; {_BEGIN}"
"""A transaction sees the state of its first statement, so it can begin long before."""


class ReaderPool:
    """Idle connections, each in a transaction that has not read yet."""

    def __init__(self, address: PostgresAddress) -> None:
        """Take where to connect; nothing is opened yet."""
        self._address = address
        self._idle: list[Connection] = []
        self._open = 0
        self._closed = False
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._renewing: set[asyncio.Task[None]] = set()

    async def take(self) -> tuple[Connection, int]:
        """A connection for the caller alone, and the time of the state that it reads.

        Raises:
            OverloadedError: the database cannot be reached.
        """
        for attempts_left in range(self._address.pool_size, -1, -1):
            connection = await self._next()
            try:
                with failures():
                    return connection, await connection.fetchval(sql.TIMESTAMP)
            except OverloadedError as error:
                self.drop(connection)
                if not attempts_left or not isinstance(error.__cause__, LOST):
                    raise
                self._drop_lost()  # The server was restarted: a new connection will do.
            except BaseException:
                self.drop(connection)
                raise
        raise AssertionError("the last attempt returns or raises")

    def give_back(self, connection: Connection, *, is_broken: bool = False) -> None:
        """Return what :meth:`take` gave.

        Args:
            connection: Used by nobody any more.
            is_broken: Whether a statement on it failed or was cancelled. The driver may wait for
                ever for the end of a cancelled one, so the connection is not used again.
        """
        if is_broken:
            self.drop(connection)
            return
        # It must not belong to the function that gives the connection back, and end with it.
        task = Context().run(asyncio.ensure_future, self._renew(connection))
        self._renewing.add(task)
        task.add_done_callback(self._renewing.discard)

    def drop(self, connection: Connection) -> None:
        """Close what :meth:`take` gave, and let another one be opened."""
        connection.terminate()
        self._open -= 1
        self._hand_over(None)

    async def open(self) -> Connection:
        """A connection that the pool does not count, in a transaction that has not read yet."""
        connection = await connect(self._address)
        try:
            with failures():
                await connection.execute(_BEGIN)
        except BaseException:
            connection.terminate()
            raise
        return connection

    async def close(self) -> None:
        """Close the idle connections now and the others when they are given back."""
        self._closed = True
        for renewing in self._renewing:
            renewing.cancel()
        if self._renewing:
            await asyncio.wait(tuple(self._renewing))
        for connection in self._idle:
            connection.terminate()
        self._idle.clear()

    async def _next(self) -> Connection:
        while True:
            if self._idle:
                return self._idle.pop()
            if self._open < self._address.pool_size:
                self._open += 1
                try:
                    return await self.open()
                except BaseException:
                    self._open -= 1
                    self._hand_over(None)
                    raise
            waiter: asyncio.Future[Connection | None]
            waiter = asyncio.get_running_loop().create_future()
            self._waiting.append(waiter)
            try:
                found = await waiter
            except asyncio.CancelledError:
                if waiter.done() and not waiter.cancelled():
                    self._hand_over(waiter.result())
                raise
            if found is not None:
                return found

    async def _renew(self, connection: Connection) -> None:
        try:
            async with asyncio.timeout(RENEWAL_TIMEOUT):
                await connection.execute(_NEXT)
        except Exception:
            self.drop(connection)
        except asyncio.CancelledError:
            self.drop(connection)
            raise
        else:
            self._hand_over(connection)

    def _hand_over(self, connection: Connection | None) -> None:
        """Give a connection, or room for one, to the next who waits."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        if connection is None:
            return
        if self._closed:
            connection.terminate()
        else:
            self._idle.append(connection)

    def _drop_lost(self) -> None:
        """Drop idle connections that are closed."""
        lost = [connection for connection in self._idle if connection.is_closed()]
        self._idle = [connection for connection in self._idle if not connection.is_closed()]
        self._open -= len(lost)


class NewestSnapshot:
    """``async with`` over the newest state."""

    __slots__ = ("_connection", "_pool", "_reader", "_statements")

    def __init__(self, pool: ReaderPool, statements: Statements) -> None:
        self._pool = pool
        self._statements = statements

    async def __aenter__(self) -> PostgresSnapshot:
        self._connection, timestamp = await self._pool.take()
        self._reader = Reader(self._connection)
        return PostgresSnapshot(self._reader, self._statements, timestamp)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._pool.give_back(self._connection, is_broken=self._reader.is_broken)


class _Pin:
    __slots__ = ("expiry", "reader", "users")

    expiry: asyncio.TimerHandle

    def __init__(self, connection: Connection) -> None:
        self.reader = Reader(connection, is_shared=True)
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
        if pin is not None and pin.reader.is_broken:
            pin.expiry.cancel()
            pin = None
        if pin is None:
            connection = await self._pool.open()
            try:
                with failures():
                    timestamp = await connection.fetchval(sql.TIMESTAMP)
            except BaseException:
                connection.terminate()
                raise
            pin = _Pin(connection)
            if timestamp in self._pins:
                self._drop(timestamp)
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

    def enter(self, timestamp: int) -> tuple[_Pin, PostgresSnapshot] | None:
        """A pinned snapshot, which stays open until it is left."""
        pin = self._pins.get(timestamp)
        if pin is None or pin.reader.is_broken:
            return None
        pin.users += 1
        return pin, PostgresSnapshot(pin.reader, self._statements, timestamp)

    def leave(self, timestamp: int, pin: _Pin) -> None:
        """End one use of a pinned snapshot."""
        pin.users -= 1
        if pin.users == 0 and self._pins.get(timestamp) is not pin:
            pin.reader.connection.terminate()

    def close(self) -> None:
        """Drop all."""
        for timestamp in list(self._pins):
            self._drop(timestamp)

    def _drop(self, timestamp: int) -> None:
        pin = self._pins.pop(timestamp)
        pin.expiry.cancel()
        if pin.users == 0:
            pin.reader.connection.terminate()


class PastSnapshot:
    """``async with`` over the state at some time."""

    __slots__ = ("_newest", "_pin", "_pins", "_timestamp")

    def __init__(self, pins: PinnedSnapshots, newest: NewestSnapshot, timestamp: int) -> None:
        self._pins = pins
        self._newest = newest
        self._timestamp = timestamp
        self._pin: _Pin | None = None

    async def __aenter__(self) -> PostgresSnapshot:
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
