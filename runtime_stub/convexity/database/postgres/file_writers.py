"""Which processes that share a database live, by locks that end with their connections."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

from convexity.database.file_writers import NAME_BYTES

if TYPE_CHECKING:
    from convexity.database.postgres.locks import AdvisoryLock, Session


class AdvisoryWriters:
    """Implements :class:`~convexity.database.file_writers.Writers`."""

    def __init__(self, session: Session) -> None:
        """Take the connection that holds locks, and a name."""
        self._session = session
        self.own = secrets.token_hex(NAME_BYTES)
        self._lock = self._lock_of(self.own)
        self._taking: asyncio.Task[None] | None = None

    async def announce(self) -> None:
        """Take the lock of our name, and take it again whenever the connection was lost.

        Raises:
            OverloadedError: the database cannot be reached.
        """
        await self._lock.try_acquire(self._take_again)

    async def is_alive(self, writer: str, /) -> bool:
        """Whether the process of that name still lives."""
        if writer == self.own:
            return True
        lock = self._lock_of(writer)
        if not await lock.try_acquire():
            return True
        lock.release()
        return False

    async def bury(self) -> None:
        """A lock leaves nothing behind."""

    def close(self) -> None:
        """End like a process that dies."""
        if self._taking is not None:
            self._taking.cancel()
        self._lock.release()

    def _lock_of(self, writer: str) -> AdvisoryLock:
        return self._session.lock(f"writer {writer}")

    def _take_again(self) -> None:
        taking = self._lock.acquire(self._take_again)
        self._taking = asyncio.get_running_loop().create_task(taking)
