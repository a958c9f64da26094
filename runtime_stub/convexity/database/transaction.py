"""One transaction: documents in, documents out, everything checked and counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from threading import get_ident
from typing import TYPE_CHECKING, Any, NamedTuple

from convexity.database.catalog import Catalog, CatalogTable
from convexity.database.creation_clock import CreationClock
from convexity.database.documents import SYSTEM_FIELDS, text_size, without_system_fields
from convexity.database.engine import IndexChange, Order, Snapshot, TextRequest, WriteTransaction
from convexity.database.limits import TransactionLimits, TransactionMetrics, Usage
from convexity.database.ranges import ReadSet, WriteSet, key_successor
from convexity.database.tables import Document, Index
from convexity.errors import (
    ContextError,
    DocumentExistsError,
    DocumentNotFoundError,
    InvalidIdError,
)
from convexity.values import UNSET
from convexity.values.compiled import loads, loads_all
from convexity.values.ids import new_id
from convexity.values.limits import MAX_SEARCH_RANKED
from convexity.values.ordering import encode_key

if TYPE_CHECKING:
    from convexity.database.text_index import TextIndex
    from convexity.database.vector_index import VectorEntries
    from convexity.search.ranking import Match


class Row(NamedTuple):
    """A document as met in an index."""

    key: bytes
    document: Document
    size: int


class Transaction:
    """A query's or mutation's view of the database; it has no restrictions on system tables.

    It belongs to the thread and the function it was made for: :meth:`end` closes it, and whatever
    is called afterwards raises :class:`~convexity.errors.ContextError`. Documents that come out
    are the caller's own. All methods may be called concurrently; those of a transaction that can
    write take effect one after another, in call order.
    """

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

    @property
    def writable(self) -> bool:
        """Whether documents can be written."""
        return self._writer is not None

    @property
    def write_set(self) -> WriteSet | None:
        """Index keys that the outermost transaction wrote so far, if it can write."""
        writer = self._store.writer()
        return None if writer is None else writer.write_set

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

    @asynccontextmanager
    async def subtransaction(
        self,
        *,
        writable: bool,
        limits: TransactionLimits | None = None,
        catalog: Catalog | None = None,
    ) -> AsyncIterator[Transaction]:
        """A transaction within this one, for a nested call; it ends with the ``async with``.

        A writable one has this transaction for itself: everything else that is asked of this one
        waits. If an exception leaves it, what it wrote is undone and what it read stays counted
        and noted, because the caller may catch the exception and go on.

        Args:
            writable: Whether the nested call may write.
            limits: Limits of the nested call, beside those of this transaction.
            catalog: Tables of the nested call, of another component; by default the same.
        """
        self._require_live()
        if not writable:
            child = self._child(None, self._lock, limits, catalog)
            try:
                yield child
            finally:
                child.end()
            return
        writer = self._require_writer("a nested mutation")
        async with self._lock:
            child = self._child(writer, asyncio.Lock(), limits, catalog)
            savepoint = await writer.savepoint()
            try:
                yield child
            except BaseException:
                child.end()
                await writer.rollback(savepoint)
                child._usage.undo_writes()
                raise
            child.end()
            await writer.release(savepoint)

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

    async def insert(self, table_name: str, value: Mapping[str, Any]) -> str:
        """Store a new document and return its id.

        Raises:
            SchemaValidationError: the value does not match the table.
            ValueError: there is no such table.
        """
        self._require_live()
        writer = self._require_writer("db.insert")
        table = self.catalog.table(table_name)
        document = table.codec.check(without_system_fields(value, {}, "db.insert"))
        async with self._lock:
            creation_time = self._clock.next()
            document_id = new_id(table.number, self._clock.started_at)
            await self._write(writer, table, document_id, creation_time, None, document)
        return document_id

    async def restore(self, table: CatalogTable, document: Document) -> None:
        """Store a document that brings its ``_id`` and ``_creationTime`` along.

        Args:
            table: where it belongs, as its id says.
            document: checked, with its system fields.

        Raises:
            SchemaValidationError: it is too large.
            DocumentExistsError: there is a document with that id.
        """
        self._require_live()
        writer = self._require_writer("restore")
        fields = {name: value for name, value in document.items() if name not in SYSTEM_FIELDS}
        document_id = document["_id"]
        async with self._lock:
            if await self._store.get(table.table, document_id) is not None:
                raise DocumentExistsError(
                    f"there is a document {document_id} in table {table.name!r} already"
                )
            await self._write(writer, table, document_id, document["_creationTime"], None, fields)

    async def patch(
        self, document_id: str, value: Mapping[str, Any], *, operation: str = "db.patch"
    ) -> None:
        """Set some fields of a document; ``UNSET`` removes a field.

        Raises:
            InvalidIdError: the text is no id.
            DocumentNotFoundError: there is no such document.
            SchemaValidationError: the document would no longer match its table.
        """
        self._require_live()
        writer = self._require_writer(operation)
        table = self._table_to_write(document_id, operation)
        async with self._lock:
            before = await self._existing(table, document_id, "Update")
            changes = without_system_fields(value, before, operation)
            merged = {**without_system_fields(before, before, operation), **changes}
            document = table.codec.check(
                {name: field for name, field in merged.items() if field is not UNSET}
            )
            await self._write(writer, table, document_id, before["_creationTime"], before, document)

    async def replace(
        self, document_id: str, value: Mapping[str, Any], *, operation: str = "db.replace"
    ) -> None:
        """Replace all fields of a document except the system fields.

        Raises:
            InvalidIdError: the text is no id.
            DocumentNotFoundError: there is no such document.
            SchemaValidationError: the value does not match the table.
        """
        self._require_live()
        writer = self._require_writer(operation)
        table = self._table_to_write(document_id, operation)
        async with self._lock:
            before = await self._existing(table, document_id, "Replace")
            document = table.codec.check(without_system_fields(value, before, operation))
            await self._write(writer, table, document_id, before["_creationTime"], before, document)

    async def delete(self, document_id: str, *, operation: str = "db.delete") -> None:
        """Delete a document.

        Raises:
            InvalidIdError: the text is no id.
            DocumentNotFoundError: there is no such document.
        """
        self._require_live()
        writer = self._require_writer(operation)
        table = self._table_to_write(document_id, operation)
        async with self._lock:
            before = await self._existing(table, document_id, "Delete")
            await self._write(writer, table, document_id, before["_creationTime"], before, None)

    async def meta_get(self, key: str) -> str | None:
        """What the runtime keeps for itself under ``key``; not part of the read set."""
        self._require_live()
        return await self._store.meta_get(key)

    async def meta_set(self, key: str, value: str | None) -> None:
        """Keep ``value`` under ``key``, or nothing."""
        self._require_live()
        await self._require_writer("meta_set").meta_set(key, value)

    def _child(
        self,
        writer: WriteTransaction | None,
        lock: asyncio.Lock,
        limits: TransactionLimits | None,
        catalog: Catalog | None,
    ) -> Transaction:
        child = Transaction.__new__(Transaction)
        child.catalog = catalog or self.catalog
        child.read_set = self.read_set
        child.journal_in = child.journal_out = None
        child.paginated = False
        child._store = self._store
        child._writer = writer
        child._usage = Usage(limits, enclosing=self._usage)
        child._clock = self._clock
        child._lock = lock
        child._thread = self._thread
        child._ended = False
        return child

    async def _get(self, table: CatalogTable, document_id: str) -> Document | None:
        text = await self._store.get(table.table, document_id)
        self._note_get(table, document_id, text)
        return None if text is None else loads(text)

    async def _existing(self, table: CatalogTable, document_id: str, action: str) -> Document:
        document = await self._get(table, document_id)
        if document is None:
            raise DocumentNotFoundError(
                f"{action} on nonexistent document ID {document_id} in table {table.name!r}"
            )
        return document

    async def _write(
        self,
        writer: WriteTransaction,
        table: CatalogTable,
        document_id: str,
        creation_time: float,
        before: Document | None,
        after: Document | None,
    ) -> None:
        """Store ``after``, still without system fields, in place of ``before``."""
        text = None
        if after is not None:
            after["_id"] = document_id
            after["_creationTime"] = creation_time
            text = table.codec.to_text(after)
        if not table.is_system:  # what is scheduled has limits of its own
            self._usage.add("documents_written", 1)
            self._usage.add("bytes_written", 0 if text is None else text_size(text))
        changes = [
            IndexChange(
                index,
                None if before is None else index.key(before),
                None if after is None else index.key(after),
            )
            for index in table.indexes.values()
        ]
        texts = [index.change(before, after) for index in table.text_indexes.values()]
        vectors = [index.change(before, after) for index in table.vector_indexes.values()]
        await writer.write(
            table.table,
            document_id,
            text,
            creation_time,
            changes,
            texts=[change for change in texts if change],
            vectors=[change for change in vectors if change],
        )

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

    def _table_to_write(self, document_id: str, operation: str) -> CatalogTable:
        table = self.catalog.table_of(document_id, operation)
        if table is None:
            raise InvalidIdError(
                f"Invalid argument `id` for `{operation}`: {document_id} belongs to a table that "
                "is not in the schema"
            )
        return table

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

    def _require_writer(self, operation: str) -> WriteTransaction:
        if self._writer is None:
            raise ContextError(f"{operation} needs a mutation; queries can only read")
        return self._writer


def _rows(found: Sequence[tuple[bytes, str]]) -> list[Row]:
    """Rows of keys and texts."""
    texts = [text for _, text in found]
    return [
        Row(key, document, text_size(text))
        for (key, text), document in zip(found, loads_all(texts), strict=True)
    ]
