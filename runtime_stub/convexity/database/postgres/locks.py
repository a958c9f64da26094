"""Locks that processes share: advisory locks of one connection, which end with it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
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
        self._watchers: list[Callable[[], None]] = []
        self._unlocked: list[int] = []
        """Locks that are not given back yet."""
        self._unlocking: asyncio.Task[None] | None = None
        self._closed = False

    def key(self, name: str) -> int:
        """Number of a lock by its name."""
        return lock_key(self._sql_schema, name)

    def lock(self, name: str) -> AdvisoryLock:
        """A lock by its name."""
        return AdvisoryLock(self, self.key(name))

    def holds(self, key: int) -> bool:
        """Whether a lock is held."""
        return key in self._held

    @asynccontextmanager
    async def using(self) -> AsyncIterator[Connection]:
        """The connection, for a statement of one user at a time.

        Raises:
            OverloadedError: the database cannot be reached.
        """
        async with self._lock:
            connection = await self._connected()
            try:
                yield connection
            except BaseException as error:
                # Nobody knows what was taken, and the end of a cancelled statement may never come:
                # what else this connection holds is taken again by those who want it.
                connection.terminate()
                if not isinstance(error, LOST):
                    raise
                raise OverloadedError(
                    f"the connection to the database was lost: {error}"
                ) from error
            if connection.is_closed():
                raise OverloadedError("the connection to the database was lost")

    async def watch(self, lost: Callable[[], None]) -> None:
        """Connect, and call ``lost`` once when the connection is lost.

        Raises:
            OverloadedError: the database cannot be reached.
        """
        async with self.using():
            self._watchers.append(lost)

    def ignore(self, lost: Callable[[], None]) -> None:
        """Undo :meth:`watch`."""
        if lost in self._watchers:
            self._watchers.remove(lost)

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
        async with self.using() as connection:
            taken = await connection.fetchval("SELECT pg_try_advisory_lock($1)", key)
            if taken:
                self._held[key] = lost
        return bool(taken)

    def release(self, key: int) -> None:
        """Give a lock back, in a moment."""
        if self._held.pop(key, None) is not None:
            self.unlock([key])

    def unlock(self, keys: Iterable[int]) -> None:
        """Give locks back of which only the caller knows, in a moment."""
        if self._closed:
            return
        self._unlocked += keys
        if self._unlocking is None or self._unlocking.done():
            self._unlocking = asyncio.get_running_loop().create_task(self._unlock())

    async def close(self) -> None:
        """Give everything back."""
        self._closed = True
        self._held.clear()
        self._watchers.clear()
        if self._unlocking is not None:
            await asyncio.wait([self._unlocking])
        if self._connection is not None:
            self._connection.terminate()

    async def _unlock(self) -> None:
        """Give back what piled up; those that are lost need not be."""
        while self._unlocked:
            async with self._lock:
                connection, keys = self._connection, self._unlocked
                self._unlocked = []
                if connection is None or connection.is_closed():
                    continue
                try:
                    await connection.execute(
                        "SELECT pg_advisory_unlock(key) FROM unnest($1::bigint[]) AS held (key)",
                        keys,
                    )
                except BaseException as error:
                    # Locks that nobody knows of any more must not stay.
                    connection.terminate()
                    if not isinstance(error, LOST):
                        raise

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._address)
            self._connection.add_termination_listener(self._lost)
        return self._connection

    def _lost(self, connection: Connection) -> None:
        if connection is not self._connection or self._closed:
            return
        held, self._held = self._held, {}
        watchers, self._watchers = self._watchers, []
        self._unlocked.clear()
        for lost in (*held.values(), *watchers):
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
