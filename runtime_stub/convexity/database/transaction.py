"""One transaction: documents in, documents out, everything checked and counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from convexity.database.documents import SYSTEM_FIELDS, text_size, without_system_fields
from convexity.database.engine import IndexChange
from convexity.database.limits import Usage
from convexity.database.transaction_reads import TransactionReads
from convexity.errors import (
    ContextError,
    DocumentExistsError,
    DocumentNotFoundError,
    InvalidIdError,
)
from convexity.values import UNSET
from convexity.values.ids import new_id

if TYPE_CHECKING:
    from convexity.database.catalog import Catalog, CatalogTable
    from convexity.database.engine import TextChange, WriteTransaction
    from convexity.database.limits import TransactionLimits
    from convexity.database.ranges import WriteSet
    from convexity.database.tables import Document


_LONG_TEXT: Final = 32_768
"""Characters whose words take milliseconds to find, during which nobody else would be served."""


class Transaction(TransactionReads):
    """A query's or mutation's view of the database; it has no restrictions on system tables.

    It belongs to the thread and the function it was made for: :meth:`end` closes it, and whatever
    is called afterwards raises :class:`~convexity.errors.ContextError`. Documents that come out
    are the caller's own. All methods may be called concurrently; those of a transaction that can
    write take effect one after another, in call order.
    """

    __slots__ = ()

    @property
    def writable(self) -> bool:
        """Whether documents can be written."""
        return self._writer is not None

    @property
    def write_set(self) -> WriteSet | None:
        """Index keys that the outermost transaction wrote so far, if it can write."""
        writer = self._store.writer()
        return None if writer is None else writer.write_set

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
        texts = await _text_changes(table, before, after)
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

    def _table_to_write(self, document_id: str, operation: str) -> CatalogTable:
        table = self.catalog.table_of(document_id, operation)
        if table is None:
            raise InvalidIdError(
                f"Invalid argument `id` for `{operation}`: {document_id} belongs to a table that "
                "is not in the schema"
            )
        return table

    def _require_writer(self, operation: str) -> WriteTransaction:
        if self._writer is None:
            raise ContextError(f"{operation} needs a mutation; queries can only read")
        return self._writer


async def _text_changes(
    table: CatalogTable, before: Document | None, after: Document | None
) -> list[TextChange | None]:
    """The changes of full-text indexes; those of long texts are found in a thread."""

    def changes() -> list[TextChange | None]:
        return [index.change(before, after) for index in table.text_indexes.values()]

    lengths = (
        index.text_length(document)
        for index in table.text_indexes.values()
        for document in (before, after)
        if document is not None
    )
    return await asyncio.to_thread(changes) if sum(lengths) > _LONG_TEXT else changes()
