"""The part of a transaction that reads: documents out, everything counted and noted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from threading import get_ident
from typing import TYPE_CHECKING, NamedTuple

from convexity.database.creation_clock import CreationClock
from convexity.database.documents import text_size
from convexity.database.limits import TransactionLimits, TransactionMetrics, Usage
from convexity.database.ranges import HIGHEST, LOWEST, ReadSet, key_successor
from convexity.database.tables import Document, Index
from convexity.errors import ContextError
from convexity.values.compiled import loads, loads_all
from convexity.values.limits import MAX_SEARCH_RANKED
from convexity.values.ordering import encode_key

if TYPE_CHECKING:
    from convexity.database.catalog import Catalog, CatalogTable
    from convexity.database.engine import Order, Snapshot, TextRequest, WriteTransaction
    from convexity.database.text_index import TextIndex
    from convexity.database.vector_index import VectorEntries
    from convexity.search.ranking import Match


class Row(NamedTuple):
    """A document as met in an index."""

    key: bytes
    document: Document
    size: int


class TransactionReads:
    """Reads of a query or mutation; see :class:`~convexity.database.transaction.Transaction`."""

    __slots__ = (
        "_clock",
        "_ended",
        "_lock",
        "_store",
        "_thread",
        "_usage",
        "_writer",
        "catalog",
        "journal_in",
        "journal_out",
        "paginated",
        "read_set",
    )

    def __init__(
        self,
        store: Snapshot,
        catalog: Catalog,
        *,
        limits: TransactionLimits | None = None,
        journal: str | None = None,
    ) -> None:
        """Begin an outermost transaction over a snapshot or write transaction of an engine.

        Args:
            store: What the engine gave.
            catalog: Tables of the component whose function it is for.
            limits: Limits other than those of wire-protocol 10.
            journal: :attr:`journal_out` of an earlier run of the same query, which pins the end
                of its page.
        """
        writer = store.writer()
        self.catalog = catalog
        self.read_set = ReadSet()
        self.journal_in = journal
        self.journal_out: str | None = None
        self.paginated = False
        self._store: Snapshot = store
        self._writer: WriteTransaction | None = writer
        self._usage = Usage(limits)
        self._clock = CreationClock(store.timestamp)
        self._lock = asyncio.Lock()
        self._thread = get_ident()
        self._ended = False

    @property
    def timestamp(self) -> int:
        """Time of the state that is seen, for a mutation that of its commit; ns since the epoch."""
        return self._store.timestamp

    def metrics(self) -> TransactionMetrics:
        """Use and rest of every limit."""
        return self._usage.metrics()

    def approached_limits(self, share: float) -> list[tuple[str, int, int]]:
        """Name, use and amount of the limits used beyond ``share``, such as 0.8."""
        return self._usage.approached(share)

    def count_scheduled(self, argument_bytes: int) -> None:
        """Count a function that is scheduled, with the size of its arguments.

        Raises:
            TransactionLimitReached: the transaction schedules too much.
            TransactionLimitError: likewise, by a limit given for a nested call.
        """
        self._usage.add("functions_scheduled", 1)
        self._usage.add("scheduled_function_args_bytes", argument_bytes)

    def end(self) -> None:
        """Refuse everything from now on."""
        self._ended = True

    async def get(self, document_id: str, *, operation: str = "db.get") -> Document | None:
        """The document with that id; ``None`` if there is none.

        Raises:
            InvalidIdError: the text is no id.
        """
        self._require_live()
        table = self.catalog.table_of(document_id, operation)
        if table is None:
            return None
        async with self._lock:
            return await self._get(table, document_id)

    async def get_many(
        self, document_ids: Iterable[str], *, operation: str = "db.get_many"
    ) -> list[Document | None]:
        """The documents with those ids, in their order; ``None`` where there is none.

        Raises:
            InvalidIdError: a text is no id.
        """
        self._require_live()
        ids = list(document_ids)
        by_table: dict[CatalogTable, list[str]] = {}
        for document_id in ids:
            table = self.catalog.table_of(document_id, operation)
            if table is not None:
                by_table.setdefault(table, []).append(document_id)
        found: dict[str, str] = {}
        for table, wanted in by_table.items():
            async with self._lock:
                texts = await self._store.get_many(table.table, wanted)
            for document_id, text in zip(wanted, texts, strict=True):
                self._note_get(table, document_id, text)
                if text is not None:
                    found[document_id] = text
        return [loads(found[i]) if i in found else None for i in ids]

    async def scan(
        self,
        table: CatalogTable,
        index: Index,
        lower: bytes,
        upper: bytes,
        *,
        order: Order = "asc",
        limit: int,
    ) -> list[Row]:
        """At most ``limit`` documents with ``lower <= key < upper`` in an index.

        Fewer than ``limit`` mean that the range holds no more.
        """
        self._require_live()
        async with self._lock:
            found = await self._store.scan(index, lower, upper, order=order, limit=limit)
        rows = _rows(found)
        if len(rows) >= limit > 0:
            last = rows[-1].key
            lower, upper = (lower, key_successor(last)) if order == "asc" else (last, upper)
        self._note_range(table, index.name, lower, upper)
        self._note_rows(rows)
        return rows

    async def count(self, table: CatalogTable) -> int:
        """Number of documents of a table.

        Depends on the whole table; of the limits, it counts against that of queries alone.
        """
        self._require_live()
        self.note_whole(table)
        async with self._lock:
            return await self._store.count(table.table)

    def note_whole(self, table: CatalogTable) -> None:
        """Depend on every document of a table, as if all had been read."""
        self._note_range(table, "by_id", LOWEST, HIGHEST)

    async def search(
        self, table: CatalogTable, index: TextIndex, request: TextRequest
    ) -> Sequence[Match]:
        """Documents that match in a full-text index, at most :data:`MAX_SEARCH_RANKED`."""
        self._require_live()
        async with self._lock:
            found = await self._store.search(index.index, request, limit=MAX_SEARCH_RANKED)
        self._usage.add("database_queries", 1)
        for lower, upper in index.ranges(request):
            self.read_set.add(table.table.qualified_name, index.name, lower, upper)
        return found

    async def found(self, table: CatalogTable, matches: Mapping[int, bytes]) -> list[Row]:
        """Documents that :meth:`search` found, unless they are deleted by now.

        Args:
            table: The table.
            matches: Their positions, each with the key that the row is to have.
        """
        self._require_live()
        async with self._lock:
            texts = await self._store.documents_at(table.table, list(matches))
        rows = _rows(
            [
                (key, text)
                for key, text in zip(matches.values(), texts, strict=True)
                if text is not None
            ]
        )
        for row in rows:
            key = encode_key((row.document["_id"],))
            self.read_set.add(table.table.qualified_name, "by_id", key, key_successor(key))
        self._note_rows(rows)
        return rows

    async def nearest(
        self,
        index: VectorEntries,
        vector: bytes,
        any_of: Sequence[tuple[int, bytes]],
        *,
        limit: int,
    ) -> Sequence[tuple[str, float]]:
        """Ids and cosine similarities of the nearest documents; not part of the read set."""
        self._require_live()
        async with self._lock:
            return await self._store.nearest(index.index, vector, any_of, limit=limit)

    async def meta_get(self, key: str) -> str | None:
        """What the runtime keeps for itself under ``key``; not part of the read set."""
        self._require_live()
        return await self._store.meta_get(key)

    async def _get(self, table: CatalogTable, document_id: str) -> Document | None:
        text = await self._store.get(table.table, document_id)
        self._note_get(table, document_id, text)
        return None if text is None else loads(text)

    def _note_get(self, table: CatalogTable, document_id: str, text: str | None) -> None:
        key = encode_key((document_id,))
        self._note_range(table, "by_id", key, key_successor(key))
        if text is not None:
            self._usage.add("documents_read", 1)
            self._usage.add("bytes_read", text_size(text))

    def _note_rows(self, rows: Sequence[Row]) -> None:
        self._usage.add("documents_read", len(rows))
        self._usage.add("bytes_read", sum([row.size for row in rows]))

    def _note_range(self, table: CatalogTable, index: str, lower: bytes, upper: bytes) -> None:
        change = self.read_set.add(table.table.qualified_name, index, lower, upper)
        if change:
            self._usage.add("database_queries", change)

    def _require_live(self) -> None:
        if self._ended:
            raise ContextError(
                "the function that this ctx belongs to has ended; await everything before it "
                "returns, and do not keep ctx or ctx.db"
            )
        if get_ident() != self._thread:
            raise ContextError(
                "ctx was used from another thread; only the function's own thread may use it: "
                "pass data to the thread and come back to use ctx"
            )


def _rows(found: Sequence[tuple[bytes, str]]) -> list[Row]:
    """Rows of keys and texts."""
    texts = [text for _, text in found]
    return [
        Row(key, document, text_size(text))
        for (key, text), document in zip(found, loads_all(texts), strict=True)
    ]
