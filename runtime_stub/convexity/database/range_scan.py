"""Reading a range of an index: in batches, or one document after another."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import TYPE_CHECKING

from convexity.database.ranges import HIGHEST, LOWEST, key_successor
from convexity.database.scan import BATCH_GROWTH, FIRST_BATCH, LARGEST_BATCH, Scan
from convexity.database.selection import Selection
from convexity.database.tables import Document

if TYPE_CHECKING:
    from convexity.database.catalog import CatalogTable
    from convexity.database.engine import Order
    from convexity.database.filters import FilterExpression
    from convexity.database.tables import Index
    from convexity.database.transaction import Transaction
    from convexity.database.transaction_reads import Row


class RangeSelection(Selection):
    """A range of an index."""

    __slots__ = ("index",)

    def __init__(
        self,
        transaction: Transaction,
        table: CatalogTable,
        index: Index,
        lower: bytes = LOWEST,
        upper: bytes = HIGHEST,
        order: Order = "asc",
        filters: tuple[FilterExpression, ...] = (),
    ) -> None:
        super().__init__(transaction, table, lower, upper, order, filters)
        self.index = index

    def changed(
        self,
        *,
        lower: bytes | None = None,
        upper: bytes | None = None,
        order: Order | None = None,
        filters: tuple[FilterExpression, ...] | None = None,
    ) -> RangeSelection:
        """The same with another range, direction or other conditions."""
        return RangeSelection(
            self.transaction,
            self.table,
            self.index,
            self.lower if lower is None else lower,
            self.upper if upper is None else upper,
            order or self.order,
            self.filters if filters is None else filters,
        )

    def scan(self) -> RangeScan:
        """What reads the range in batches."""
        return RangeScan(self)

    def documents(self) -> DocumentIterator:
        """The documents one after another, with what the transaction writes meanwhile."""
        return DocumentIterator(self)

    def described(self) -> tuple[object, ...]:
        """The index."""
        return (self.index.name, self.index.fields)


class RangeScan(Scan):
    """Reads a range in batches."""

    __slots__ = ("_lower", "_selection", "_upper")

    def __init__(self, selection: RangeSelection) -> None:
        super().__init__(selection)
        self._selection = selection
        self._lower = selection.lower
        self._upper = selection.upper

    async def fetch(self, limit: int) -> list[Row]:
        """The next ``limit`` documents; fewer at the end only."""
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

    def __init__(self, selection: RangeSelection) -> None:
        self._selection = selection
        self._scan = RangeScan(selection)
        self._batch = FIRST_BATCH
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
                self._batch = min(self._batch * BATCH_GROWTH, LARGEST_BATCH)
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
            self._batch = FIRST_BATCH

    def _writes(self) -> Sequence[bytes]:
        write_set = self._selection.transaction.write_set
        if write_set is None:
            return ()
        name = (self._selection.table.table.qualified_name, self._selection.index.name)
        return write_set.keys.get(name, ())
