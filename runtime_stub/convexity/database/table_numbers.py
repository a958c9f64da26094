"""Following commits that give tables other numbers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextvars import Context
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convexity.database.catalog import Catalog
    from convexity.database.engine import WriteTransaction

_log = logging.getLogger(__name__)


class TableNumbers:
    """The numbers in the catalogs of a process."""

    def __init__(
        self,
        catalogs: Mapping[str, Catalog],
        write: Callable[[Callable[[WriteTransaction], Awaitable[None]]], Awaitable[Any]],
    ) -> None:
        """Take the catalogs of all components, and what commits a transaction."""
        self._catalogs = catalogs
        self._write = write
        self._telling: set[asyncio.Task[Any]] = set()

    def adopt(self, numbers: Mapping[str, int]) -> None:
        """Follow a commit that may have given tables other numbers, by qualified name.

        Queries may have seen the commit with the numbers of before: one more commit, of which
        nobody knows what it wrote, keeps others from their results.
        """
        changes = [
            catalog.renumber(
                {table.name: numbers[table.table.qualified_name] for table in catalog.tables}
            )
            for catalog in self._catalogs.values()
        ]
        if any(changes):
            telling = Context().run(asyncio.ensure_future, self._write(_touch))
            self._telling.add(telling)
            telling.add_done_callback(self._told)

    async def close(self) -> None:
        """Wait for what was begun."""
        await asyncio.gather(*self._telling, return_exceptions=True)

    def _told(self, telling: asyncio.Task[Any]) -> None:
        self._telling.discard(telling)
        if not telling.cancelled() and telling.exception() is not None:
            _log.error("Results of queries may be out of date", exc_info=telling.exception())


async def _touch(transaction: WriteTransaction) -> None:
    """Write something."""
    transaction.note_no_keys()
    await transaction.meta_set("numbers_adopted", str(transaction.timestamp))
