"""Locks that processes share: advisory locks of one connection, which end with it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from convexity.database.postgres.connection import LOST, connect, lock_key
from convexity.database.process_lock import RETRY_INTERVAL, nothing
from convexity.errors import ConvexityError, OverloadedError

if TYPE_CHECKING:
    from convexity.database.postgres.address import PostgresAddress
    from convexity.database.postgres.connection import Connection

_log = logging.getLogger(__name__)


class Session:
    """The connection that holds the locks of this process, opened when it is needed."""

    def __init__(self, address: PostgresAddress, sql_schema: str) -> None:
        """Take where to connect, and the SQL schema that the locks are for."""
        self._address = address
        self._sql_schema = sql_schema
        self._connection: Connection | None = None
        self._lock = asyncio.Lock()
        self._held: dict[int, Callable[[], None]] = {}
        self._releasing: set[asyncio.Task[None]] = set()
        self._closed = False

    def lock(self, name: str) -> AdvisoryLock:
        """A lock by its name."""
        return AdvisoryLock(self, lock_key(self._sql_schema, name))

    def holds(self, key: int) -> bool:
        """Whether a lock is held."""
        return key in self._held

    async def try_acquire(self, key: int, lost: Callable[[], None]) -> bool:
        """Take a lock, unless somebody holds it.

        Args:
            key: Its number.
            lost: Called when it is lost with the connection.

        Raises:
            OverloadedError: the database cannot be reached.
        """
        if key in self._held:
            return False
        async with self._lock:
            connection = await self._connected()
            try:
                taken = await connection.fetchval("SELECT pg_try_advisory_lock($1)", key)
            except LOST as error:
                raise OverloadedError(
                    f"the connection to the database was lost: {error}"
                ) from error
            except BaseException:
                # Nobody knows whether it was taken, and the end of a cancelled statement may never
                # come: what else this connection holds is taken again by those who want it.
                connection.terminate()
                raise
            if taken:
                self._held[key] = lost
            return bool(taken)

    def release(self, key: int) -> None:
        """Give a lock back, in a moment."""
        if self._held.pop(key, None) is not None and not self._closed:
            task = asyncio.get_running_loop().create_task(self._release(key))
            self._releasing.add(task)
            task.add_done_callback(self._releasing.discard)

    async def close(self) -> None:
        """Give everything back."""
        self._closed = True
        self._held.clear()
        if self._releasing:
            await asyncio.wait(tuple(self._releasing))
        if self._connection is not None:
            self._connection.terminate()

    async def _release(self, key: int) -> None:
        async with self._lock:
            connection = self._connection
            if connection is None or connection.is_closed():
                return
            try:
                await connection.execute("SELECT pg_advisory_unlock($1)", key)
            except LOST:
                connection.terminate()

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._address)
            self._connection.add_termination_listener(self._lost)
        return self._connection

    def _lost(self, connection: Connection) -> None:
        if connection is not self._connection or self._closed:
            return
        held, self._held = self._held, {}
        for lost in held.values():
            lost()


class AdvisoryLock:
    """Implements :class:`~convexity.database.process_lock.ProcessLock`."""

    def __init__(self, session: Session, key: int) -> None:
        """Take the connection, and the number of the lock."""
        self._session = session
        self._key = key

    @property
    def is_held(self) -> bool:
        """Whether it is ours."""
        return self._session.holds(self._key)

    async def acquire(self, lost: Callable[[], None] = nothing, /) -> None:
        """Wait until no other process holds it."""
        while True:
            try:
                if await self.try_acquire(lost):
                    return
            except ConvexityError as error:
                _log.debug("A lock cannot be taken: %s", error)
            await asyncio.sleep(RETRY_INTERVAL)

    async def try_acquire(self, lost: Callable[[], None] = nothing, /) -> bool:
        """Take it, unless somebody holds it."""
        return await self._session.try_acquire(self._key, lost)

    def release(self) -> None:
        """Give it back."""
        self._session.release(self._key)
