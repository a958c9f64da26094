"""Deleting bytes that belong to no file, or no longer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from convexity.database.process_lock import ProcessLock
from convexity.database.transaction import Transaction
from convexity.database.transaction_reads import Row
from convexity.errors import SupersededError
from convexity.storage.database import Database, read, write
from convexity.storage.files import FileStorage
from convexity.storage.rows import discards_bytes, forget, rows_in_state

if TYPE_CHECKING:
    from convexity.database.engine import Commit

CLEANING_INTERVAL: Final = 60.0
"""Seconds between searches for what other processes left when they died."""

_PARALLEL: Final = 8
"""Deletions under way at once."""

_logger: Final = logging.getLogger(__name__)


class FileCleaner:
    """Deletes the bytes of deleted files and of uploads that came to nothing.

    One process at a time does that for a database. It begins with what earlier processes left,
    goes on whenever a commit deletes a file, and never touches what a living process writes. When
    another version of the schema is deployed, it leaves everything to the processes of that.
    """

    def __init__(
        self, files: FileStorage, databases: Sequence[Database], lock: ProcessLock
    ) -> None:
        """Take the files, their rows, and the lock that all processes of the database share.

        Args:
            files: The files.
            databases: The tables of all components, which lie in one database.
            lock: Held as long as this process deletes.
        """
        self._files = files
        self._databases = databases
        self._engine = databases[0].engine
        self._lock = lock
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to serve, as soon as no other process does."""
        self._task = asyncio.get_running_loop().create_task(self._serve())

    async def stop(self) -> None:
        """Stop at once; what is left is deleted after the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _serve(self) -> None:
        try:
            while True:
                await self._lock.acquire(self._wake.set)
                await self._serve_alone()
        except SupersededError as error:
            _logger.warning("No bytes without a file are deleted here any more: %s", error)

    async def _serve_alone(self) -> None:
        """Clean as long as nobody else may."""
        unsubscribe = self._engine.on_commit(self._committed)
        try:
            while self._lock.is_held:
                await self._clean(everything=True)
                await self._clean_when_told(CLEANING_INTERVAL)
        finally:
            unsubscribe()
            self._lock.release()

    async def _clean_when_told(self, seconds: float) -> None:
        """Delete what commits discard, for a time."""
        try:
            async with asyncio.timeout(seconds):
                while self._lock.is_held:
                    await self._wake.wait()
                    self._wake.clear()
                    await self._clean(everything=False)
        except TimeoutError:
            return

    def _committed(self, commit: Commit) -> None:
        if discards_bytes(commit):
            self._wake.set()

    async def _clean(self, *, everything: bool) -> None:
        """Delete what is discarded; with ``everything``, what dead processes were writing too."""
        try:
            await self._delete_rows("discarded")
            if everything:
                await self._delete_rows("uploading")
                await self._files.writers.bury()
        except SupersededError:
            raise
        except Exception:
            _logger.exception(
                "Bytes without a file cannot be deleted; trying again in %g s", CLEANING_INTERVAL
            )

    async def _delete_rows(self, state: str) -> None:
        for database in self._databases:
            await self._delete_rows_of(database, state)

    async def _delete_rows_of(self, database: Database, state: str) -> None:
        place = b""
        while True:

            async def next_rows(transaction: Transaction, after: bytes = place) -> list[Row]:
                return await rows_in_state(transaction, state, after)

            rows = await read(database, next_rows)
            if not rows:
                return
            place = rows[-1].key
            await self._delete(database, [row for row in rows if await self._is_abandoned(row)])

    async def _is_abandoned(self, row: Row) -> bool:
        writer = row.document["state"].get("writer")
        return writer is None or not await self._files.writers.is_alive(writer)

    async def _delete(self, database: Database, rows: Sequence[Row]) -> None:
        """Delete bytes, then their rows; what cannot be deleted now keeps its row."""
        slots = asyncio.Semaphore(_PARALLEL)

        async def delete(row: Row) -> str | None:
            key = row.document["key"]
            try:
                async with slots:
                    await self._files.store.delete(key)
            except Exception as error:
                _logger.warning(
                    "The bytes %s cannot be deleted; trying again in %g s: %s",
                    key,
                    CLEANING_INTERVAL,
                    error,
                )
                return None
            return str(row.document["_id"])

        deleted = [row for row in await asyncio.gather(*map(delete, rows)) if row is not None]
        if deleted:
            await write(database, lambda transaction: forget(transaction, deleted))
