"""Which processes that share a database file live, by files that they lock."""

from __future__ import annotations

import re
import secrets
from glob import escape
from pathlib import Path
from typing import Final

from convexity.database.file_writers import NAME_BYTES
from convexity.database.process_lock import FileLock

_NAME: Final = re.compile(r"[0-9a-f]{16}")


class LockedWriters:
    """Processes of which each holds the lock of a file with its name, as long as it lives."""

    def __init__(self, prefix: Path) -> None:
        """Take the path that a name is appended to, and lock ours.

        Raises:
            OSError: the file cannot be created.
        """
        self._prefix = prefix
        self.own = ""
        while not self.own:
            name = secrets.token_hex(NAME_BYTES)
            self._lock = FileLock(self._path(name))
            # Another process may take a file for a dead one's before it is locked.
            if self._lock.try_acquire() and self._path(name).exists():
                self.own = name
            else:
                self._lock.release()

    async def is_alive(self, writer: str, /) -> bool:
        """Whether the process of that name still lives."""
        return writer == self.own or (self._path(writer).exists() and not self._bury(writer))

    async def bury(self) -> None:
        """Remove the files of dead processes."""
        start = f"{self._prefix.name}-"
        for path in self._prefix.parent.glob(f"{escape(start)}*"):
            writer = path.name.removeprefix(start)
            if writer != self.own and _NAME.fullmatch(writer):
                self._bury(writer)

    def close(self) -> None:
        """End like a process that dies, and remove our file."""
        self._path(self.own).unlink(missing_ok=True)
        self._lock.release()

    def _bury(self, writer: str) -> bool:
        """Remove the file of another process if it is dead; tells whether it is."""
        lock = FileLock(self._path(writer))
        if not lock.try_acquire():
            return False
        self._path(writer).unlink(missing_ok=True)
        lock.release()
        return True

    def _path(self, writer: str) -> Path:
        return self._prefix.with_name(f"{self._prefix.name}-{writer}")
