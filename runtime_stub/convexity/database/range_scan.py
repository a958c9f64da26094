"""Reading what a query selects: in batches, at once or lazily."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Final

from convexity.database.ranges import key_successor
from convexity.database.selection import Selection
from convexity.database.tables import Document
from convexity.database.transaction import Row

_FIRST_BATCH: Final = 16
"""Documents fetched at first where it is not known how many are wanted."""
_LARGEST_BATCH: Final = 512
_BATCH_GROWTH: Final = 4


async def read(selection: Selection, limit: int | None) -> list[Document]:
    """The first documents that pass the conditions; all of them without a limit."""
    found: list[Document] = []
    scan = RangeScan(selection)
    while not scan.exhausted and (limit is None or len(found) < limit):
        rows = await scan.next(None if limit is None else limit - len(found))
        documents = [row.document for row in rows]
        if selection.filters:
            documents = [document for document in documents if selection.accepts(document)]
        found += documents
    return found if limit is None else found[:limit]


class RangeScan:
    """Reads a selection in batches, before its conditions, and knows how far it is."""

    __slots__ = ("_batch", "_lower", "_selection", "_upper", "exhausted")

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self._lower = selection.lower
        self._upper = selection.upper
        self._batch = _FIRST_BATCH
        self.exhausted = self._lower >= self._upper
        """Whether the end of the range was reached."""

    async def next(self, wanted: int | None) -> list[Row]:
        """The next documents.

        Args:
            wanted: How many pass at most, of those that pass the conditions; ``None`` for all.
        """
        selection = self._selection
        if wanted is None:
            limit = _LARGEST_BATCH
        elif selection.filters:
            limit = max(wanted, self._batch)
            self._batch *= _BATCH_GROWTH
        else:
            limit = wanted
        return await self.fetch(min(limit, _LARGEST_BATCH))

    async def fetch(self, limit: int) -> list[Row]:
        """The next ``limit`` documents."""
        selection = self._selection
        rows = await selection.transaction.scan(
            selection.table,
            selection.index,
            self._lower,
            self._upper,
            order=selection.order,
            limit=limit,
        )
        if len(rows) < limit:
            self.exhausted = True
        if rows:
            self.go_on_after(rows[-1].key)
        return rows

    def go_on_after(self, key: bytes) -> None:
        """Continue behind the entry ``key``."""
        if self._selection.order == "asc":
            self._lower = key_successor(key)
        else:
            self._upper = key

    def holds_any(self, keys: Iterable[bytes]) -> bool:
        """Whether one of the keys lies in what is still ahead."""
        return any(self._lower <= key < self._upper for key in keys)


class DocumentIterator(AsyncIterator[Document]):
    """Reads lazily in batches and sees what the transaction writes meanwhile.

    Fetched documents are read again when the transaction wrote ahead of the current one; writes to
    the current one, or behind it, cost nothing.
    """

    __slots__ = ("_batch", "_current", "_pending", "_scan", "_seen", "_selection")

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self._scan = RangeScan(selection)
        self._batch = _FIRST_BATCH
        self._pending: list[Row] = []
        """Fetched and not handed out, last first."""
        self._current: bytes | None = None
        self._seen = 0
        """Writes to the index that the pending documents include."""

    async def __anext__(self) -> Document:
        while True:
            self._drop_outdated()
            if not self._pending:
                if self._scan.exhausted:
                    raise StopAsyncIteration
                self._seen = len(self._writes())
                self._pending = await self._scan.fetch(self._batch)
                self._pending.reverse()
                self._batch = min(self._batch * _BATCH_GROWTH, _LARGEST_BATCH)
                continue
            row = self._pending.pop()
            self._current = row.key
            if self._selection.accepts(row.document):
                return row.document

    def _drop_outdated(self) -> None:
        """Forget what was fetched, if it may have changed or have got neighbours."""
        writes = self._writes()
        if len(writes) <= self._seen:
            return
        written = writes[self._seen :]
        self._seen = len(writes)
        if self._current is None:
            return
        ahead = RangeScan(self._selection)
        ahead.go_on_after(self._current)
        if ahead.holds_any(written):
            self._scan = ahead
            self._pending = []
            self._batch = _FIRST_BATCH

    def _writes(self) -> Sequence[bytes]:
        write_set = self._selection.transaction.write_set
        if write_set is None:
            return ()
        name = (self._selection.table.table.qualified_name, self._selection.index.name)
        return write_set.keys.get(name, ())
