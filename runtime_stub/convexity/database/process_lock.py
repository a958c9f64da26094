"""Which of several processes does what only one may do at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

import apsw

RETRY_INTERVAL: Final = 1.0
"""Seconds between attempts of a process that stands by; the death of the holder gives no signal."""
SCHEDULER: Final = "scheduler"
"""What is claimed to run scheduled functions. On SQLite it is a lock, which a backend that runs
holds."""


class ProcessLock(Protocol):
    """Held by at most one process at a time; it comes free when that process dies."""

    @property
    def is_held(self) -> bool:
        """Whether it is ours."""
        ...

    async def acquire(self, lost: Callable[[], None] = ..., /) -> None:
        """Wait until it is ours.

        Args:
            lost: Called if it is ours no longer, without having been given back.
        """
        ...

    def release(self) -> None:
        """Give it back; without effect if it is not ours."""
        ...


def nothing() -> None:
    """What is done by default when a lock is lost."""


class NoLock:
    """For a database that only this process can open."""

    is_held = True

    async def acquire(self, _lost: Callable[[], None] = nothing, /) -> None:
        """Nothing to wait for."""

    def release(self) -> None:
        """Nothing to give back."""


class FileLock:
    """An empty SQLite file beside the database, locked exclusively as long as it is ours."""

    def __init__(self, path: str | Path) -> None:
        """Take the file, which is created when missing, with its folder."""
        self._path = Path(path)
        self._connection: apsw.Connection | None = None

    @property
    def is_held(self) -> bool:
        """Whether it is ours, which it stays until it is given back."""
        return self._connection is not None

    async def acquire(self, _lost: Callable[[], None] = nothing, /) -> None:
        """Wait until no other process holds it."""
        while not self.try_acquire():  # noqa: ASYNC110 - nobody could set an event
            await asyncio.sleep(RETRY_INTERVAL)

    def try_acquire(self) -> bool:
        """Take it, unless somebody holds it.

        Raises:
            OSError: the file cannot be used.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            connection = apsw.Connection(str(self._path))
        except apsw.Error as error:
            raise OSError(f"{self._path} cannot be used: {error}") from error
        connection.set_busy_timeout(0)
        try:
            # Nothing is ever written, and a journal would stay beside when the process dies.
            connection.pragma("journal_mode", "memory")
            connection.execute("BEGIN EXCLUSIVE")
        except apsw.BusyError:
            connection.close()
            return False
        except apsw.Error as error:
            connection.close()
            raise OSError(f"{self._path} cannot be used: {error}") from error
        self._connection = connection
        return True

    def release(self) -> None:
        """Give it back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
