"""Reading what a query selects, in batches."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from convexity.database.selection import Selection
    from convexity.database.tables import Document
    from convexity.database.transaction_reads import Row

FIRST_BATCH: Final = 16
"""Documents fetched at first where it is not known how many are wanted."""
LARGEST_BATCH: Final = 512
BATCH_GROWTH: Final = 4


class Scan(ABC):
    """Reads a selection in batches, before its conditions, and knows how far it is."""

    __slots__ = ("_batch", "_has_conditions", "exhausted")

    def __init__(self, selection: Selection) -> None:
        self._has_conditions = bool(selection.filters)
        self._batch = FIRST_BATCH
        self.exhausted = selection.lower >= selection.upper
        """Whether the end was reached."""

    @abstractmethod
    async def fetch(self, limit: int) -> list[Row]:
        """The next ``limit`` documents; fewer at the end only."""

    async def next(self, wanted: int | None) -> list[Row]:
        """The next documents.

        Args:
            wanted: How many pass at most, of those that pass the conditions; ``None`` for all.
        """
        if wanted is None:
            limit = LARGEST_BATCH
        elif self._has_conditions:
            limit = max(wanted, self._batch)
            self._batch *= BATCH_GROWTH
        else:
            limit = wanted
        return await self.fetch(min(limit, LARGEST_BATCH))


async def read(selection: Selection, limit: int | None) -> list[Document]:
    """The first documents that pass the conditions; all of them without a limit."""
    found: list[Document] = []
    scan = selection.scan()
    while not scan.exhausted and (limit is None or len(found) < limit):
        rows = await scan.next(None if limit is None else limit - len(found))
        documents = [row.document for row in rows]
        if selection.filters:
            documents = [document for document in documents if selection.accepts(document)]
        found += documents
    return found if limit is None else found[:limit]
