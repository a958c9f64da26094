"""Which of several processes does what only one may do at a time."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final, Protocol

import apsw

RETRY_INTERVAL: Final = 1.0
"""Seconds between attempts of a process that stands by; the death of the holder gives no signal."""


class ProcessLock(Protocol):
    """Held by at most one process at a time; the operating system frees it when that dies."""

    async def acquire(self) -> None:
        """Wait until it is ours."""
        ...

    def release(self) -> None:
        """Give it back; without effect if it is not ours."""
        ...


class NoLock:
    """For a database that only this process can open."""

    async def acquire(self) -> None:
        """Nothing to wait for."""

    def release(self) -> None:
        """Nothing to give back."""


class FileLock:
    """An empty SQLite file beside the database, locked exclusively as long as it is ours."""

    def __init__(self, path: str | Path) -> None:
        """Take the file, which is created when missing, with its folder."""
        self._path = Path(path)
        self._connection: apsw.Connection | None = None

    async def acquire(self) -> None:
        """Wait until no other process holds it."""
        while not self.try_acquire():  # noqa: ASYNC110 - nobody could set an event
            await asyncio.sleep(RETRY_INTERVAL)

    def try_acquire(self) -> bool:
        """Take it, unless somebody holds it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = apsw.Connection(str(self._path))
        connection.set_busy_timeout(0)
        try:
            # Nothing is ever written, and a journal would stay beside when the process dies.
            connection.pragma("journal_mode", "memory")
            connection.execute("BEGIN EXCLUSIVE")
        except apsw.BusyError:
            connection.close()
            return False
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return True

    def release(self) -> None:
        """Give it back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
