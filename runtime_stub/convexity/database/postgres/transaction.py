"""A transaction of a group: it reads a snapshot and what the group wrote."""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from convexity.database.engine import RecordedAnswer
from convexity.database.identifiers import quoted
from convexity.database.postgres import statements as sql
from convexity.database.postgres.pending import PendingDocument
from convexity.database.postgres.snapshot import PostgresSnapshot
from convexity.database.postgres.text_search import match, matches
from convexity.database.ranges import HIGHEST, LOWEST, NoKeys, ReadSet, WriteSet, key_successor
from convexity.errors import NumberTakenError, OverloadedError
from convexity.values.ordering import encode_key

if TYPE_CHECKING:
    from convexity.database.engine import (
        IndexChange,
        Order,
        RequestKey,
        TextChange,
        TextRequest,
        VectorChange,
    )
    from convexity.database.postgres.pending import Pending
    from convexity.database.postgres.snapshot import Reader
    from convexity.database.postgres.statements import Statements
    from convexity.database.ranges import IndexName
    from convexity.database.tables import Index, SearchIndex, Table, VectorIndex
    from convexity.search.ranking import Match

META: Final = ("", "meta")
"""What the runtime keeps for itself, as an index of its own in read and write sets."""
ANSWERS: Final = ("", "answers")
NUMBERS: Final = ("", "numbers")


class PostgresWriteTransaction(PostgresSnapshot):
    """One of the transactions that are committed together."""

    __slots__ = (
        "_pending",
        "_reader",
        "_savepoints",
        "has_all_keys",
        "has_writes",
        "is_last",
        "last_creation_time",
        "read_set",
        "write_set",
    )

    def __init__(
        self, reader: Reader, statements: Statements, pending: Pending, timestamp: int
    ) -> None:
        """Begin.

        Args:
            reader: Of the snapshot of the group.
            statements: Of the deployment.
            pending: What the group wrote so far.
            timestamp: When it begins; its commit may turn out to be later.
        """
        super().__init__(reader, statements, timestamp)
        self._reader = reader
        self._pending = pending
        self._savepoints: list[tuple[int, Mapping[IndexName, int]]] = []
        self.read_set = ReadSet()
        """What the transaction depends on, with what other layers do not note."""
        self.write_set: WriteSet = WriteSet()
        self.has_all_keys = True
        """Whether the write set holds everything that was written."""
        self.has_writes = False
        """Whether anything was written, be it rolled back or not part of the write set."""
        self.is_last = False
        """Whether others must wait until it is committed, even if they see what it wrote."""
        self.last_creation_time = 0.0
        """Largest ``_creationTime`` written, milliseconds since the epoch."""

    def writer(self) -> PostgresWriteTransaction:
        """This transaction."""
        return self

    async def get(self, table: Table, document_id: str, /) -> str | None:
        """Text of a document, or ``None``."""
        self._note_id(table, document_id)
        written = self._pending.documents.get(table.storage)
        if written is not None and document_id in written:
            return written[document_id].text
        rows = await self._fetch(self._statements.tables[table.storage].get, document_id)
        if not rows:
            return None
        self._pending.known_positions[table.storage, document_id] = rows[0][0]
        text: str = rows[0][1]
        return text

    async def get_many(self, table: Table, document_ids: Sequence[str], /) -> Sequence[str | None]:
        """Texts of documents of one table, in the order asked for."""
        for document_id in document_ids:
            self._note_id(table, document_id)
        written = self._pending.documents.get(table.storage, {})
        unknown = [document_id for document_id in document_ids if document_id not in written]
        found: dict[str, str | None] = {}
        if unknown:
            statement = self._statements.tables[table.storage].get_many
            for document_id, position, text in await self._fetch(statement, unknown):
                self._pending.known_positions[table.storage, document_id] = position
                found[document_id] = text
        return [
            written[document_id].text if document_id in written else found.get(document_id)
            for document_id in document_ids
        ]

    async def count(self, table: Table, /) -> int:
        """Number of documents of a table."""
        self._note(table.qualified_name, "by_id", LOWEST, HIGHEST)
        stored = await super().count(table)
        written = self._pending.documents.get(table.storage, {}).values()
        return stored + sum((d.text is not None) - d.is_stored for d in written)

    async def scan(
        self, index: Index, lower: bytes, upper: bytes, /, *, order: Order, limit: int
    ) -> Sequence[tuple[bytes, str]]:
        """Keys and document texts of at most ``limit`` entries with ``lower <= key < upper``."""
        name = self._statements.indexes[index.storage].name
        found = await self._merged(index, lower, upper, order, limit)
        if len(found) >= limit > 0:
            last = found[-1][0]
            lower, upper = (lower, key_successor(last)) if order == "asc" else (last, upper)
        self._note(*name, lower, upper)
        return found

    async def _merged(
        self, index: Index, lower: bytes, upper: bytes, order: Order, limit: int
    ) -> list[tuple[bytes, str]]:
        """Entries of the snapshot and of what was written."""
        pending = self._pending.indexes.get(index.storage)
        written = pending.between(lower, upper) if pending is not None else []
        stored = await self.entries(index, lower, upper, order, limit + len(written))
        table = self._statements.tables_of[index.storage]
        positions = self._pending.known_positions
        for entry in stored:
            positions.setdefault((table, entry.document_id), entry.position)
        if pending is None or not written:
            return [(entry.key, entry.text) for entry in stored]
        documents = self._pending.documents[table]
        theirs = ((entry.key, entry.text) for entry in stored if entry.key not in pending.entries)
        ours: list[tuple[bytes, str]] = []
        for key in written if order == "asc" else reversed(written):
            document_id, is_there, _ = pending.entries[key]
            text = documents[document_id].text
            if is_there and text is not None:
                ours.append((key, text))
        merged = heapq.merge(theirs, ours, key=lambda found: found[0], reverse=order == "desc")
        return [found for found, _ in zip(merged, range(limit), strict=False)]

    async def search(
        self, index: SearchIndex, request: TextRequest, /, *, limit: int
    ) -> Sequence[Match]:
        """Documents that match, in no particular order."""
        self._note(*self._statements.search_names[index.storage], LOWEST, HIGHEST)
        written = self._pending.texts.get(index.storage)
        if not written:
            return await super().search(index, request, limit=limit)
        stored = await super().search(index, request, limit=limit + len(written))
        documents = self._pending.documents[self._statements.tables_of[index.storage]]
        hidden = {documents[document_id].position for document_id in written}
        found = [
            match(documents[document_id].position, row.entry.words, request)
            for document_id, row in written.items()
            if row.entry is not None and matches(row.entry, request)
        ]
        found.sort(key=lambda one: -one.position)
        found += [one for one in stored if one.position not in hidden]
        return found[:limit]

    async def documents_at(self, table: Table, positions: Sequence[int], /) -> Sequence[str | None]:
        """Texts of documents at positions, in the order asked for."""
        ids = self._pending.ids.get(table.storage, {})
        written = self._pending.documents.get(table.storage, {})
        unknown = [position for position in positions if position not in ids]
        found: dict[int, str | None] = {p: written[ids[p]].text for p in positions if p in ids}
        if unknown:
            statement = self._statements.tables[table.storage].at
            for position, document_id, text in await self._fetch(statement, unknown):
                self._note_id(table, document_id)
                self._pending.known_positions[table.storage, document_id] = position
                found[position] = text
        return [found.get(position) for position in positions]

    async def nearest(
        self,
        index: VectorIndex,
        vector: bytes,
        any_of: Sequence[tuple[int, bytes]],
        /,
        *,
        limit: int,
    ) -> Sequence[tuple[str, float]]:
        """Ids and cosine similarities of the documents nearest to a vector, nearest first."""
        written = self._pending.vectors.get(index.storage, {})
        stored = await super().nearest(index, vector, any_of, limit=limit + len(written))
        wanted = array("f", vector)
        found = [
            (document_id, sum(map(float.__mul__, wanted, array("f", row.entry.vector))))
            for document_id, row in written.items()
            if row.entry is not None
            and (not any_of or any(row.entry.filters[f] == digest for f, digest in any_of))
        ]
        found += [one for one in stored if one[0] not in written]
        return sorted(found, key=lambda one: -one[1])[:limit]

    async def meta_get(self, key: str, /) -> str | None:
        """Value that the runtime keeps for itself under ``key``."""
        encoded = encode_key((key,))
        self._note(*META, encoded, key_successor(encoded))
        if key in self._pending.meta:
            return self._pending.meta[key]
        return await super().meta_get(key)

    async def write(
        self,
        table: Table,
        document_id: str,
        text: str | None,
        creation_time: float,
        changes: Sequence[IndexChange],
        /,
        *,
        texts: Sequence[TextChange] = (),
        vectors: Sequence[VectorChange] = (),
    ) -> None:
        """Store or delete a document with its index entries."""
        self.require_intact()
        self.has_writes = True
        pending, storage = self._pending, table.storage
        if creation_time > self.last_creation_time:
            self.last_creation_time = creation_time
        before = pending.documents.get(storage, {}).get(document_id)
        if before is not None:
            position, is_stored = before.position, before.is_stored
        elif all(change.before is None for change in changes):
            position, is_stored = pending.next_position(), False
        else:
            position, is_stored = await self._position(table, document_id), True
        pending.put_document(
            storage, document_id, PendingDocument(text, creation_time, position, is_stored)
        )
        for index, old, new in changes:
            if old is not None:
                self.write_set.add(table.qualified_name, index.name, old)
            if old == new:
                if old is not None:
                    pending.keep_entry(index.storage, old, document_id)
                continue
            if old is not None:
                pending.put_entry(index.storage, old, document_id, is_there=False)
            if new is not None:
                self.write_set.add(table.qualified_name, index.name, new)
                pending.put_entry(index.storage, new, document_id, is_there=True)
        for text_change in texts:
            for key in text_change.keys:
                self.write_set.add(table.qualified_name, text_change.in_index.name, key)
            pending.put_text(
                text_change.in_index.storage, document_id, text_change.before, text_change.after
            )
        for vector_change in vectors:
            pending.put_vector(
                vector_change.in_index.storage,
                document_id,
                vector_change.before,
                vector_change.after,
            )

    async def meta_set(self, key: str, value: str | None, /) -> None:
        """Keep ``value`` under ``key``; ``None`` removes it."""
        self.require_intact()
        self.has_writes = True
        self.write_set.add(*META, encode_key((key,)))
        self._pending.put_meta(key, value)

    async def answer_get(self, request: RequestKey, /) -> RecordedAnswer | None:
        """What :meth:`answer_set` kept for a request, unless it is too old."""
        key = _request_key(request)
        self._note(*ANSWERS, key, key_successor(key))
        pending = self._pending.answers.get(request)
        if pending is not None:
            return RecordedAnswer(pending[1], pending[0].timestamp)
        rows = await self._fetch(sql.ANSWER_GET, *request)
        return RecordedAnswer(*rows[0]) if rows else None

    async def answer_set(self, request: RequestKey, answer: str, /) -> None:
        """Keep the answer to a request of a client."""
        self.require_intact()
        self.has_writes = True
        self.write_set.add(*ANSWERS, _request_key(request))
        self._pending.put_answer(request, self, answer)

    async def removed_tables(self) -> Mapping[str, int]:
        """Tables that are in no schema any more, with their numbers of documents."""
        counts = await super().removed_tables()
        return {
            name: 0 if await self.removed_storage(name) in self._pending.cleared else count
            for name, count in counts.items()
        }

    async def clear_removed(self, name: str, /) -> int:
        """Delete the documents of a table that is in no schema any more."""
        self.require_intact()
        self.has_writes = True
        count = (await self.removed_tables())[name]
        self._pending.put_cleared(await self.removed_storage(name))
        return count

    async def renumber(self, numbers: Mapping[str, int], /) -> None:
        """Give tables other numbers; see :meth:`WriteTransaction.renumber`."""
        self.require_intact()
        self.note_no_keys()
        self._note(*NUMBERS, LOWEST, HIGHEST)
        self.has_writes = True
        self.is_last = True
        rows = await self._fetch(sql.STORED_TABLES)
        pending = self._pending.numbers
        tables = {name: (pending.get(name, number), storage) for name, number, storage in rows}
        wanted = {name: new for name, new in numbers.items() if tables[name][0] != new}
        free = 1 + max([*(number for number, _ in tables.values()), *numbers.values()])
        for name, (number, storage) in tables.items():
            if number in wanted.values() and name not in wanted:
                self._note(name, "by_id", LOWEST, HIGHEST)
                if await self._has_documents(storage):
                    raise NumberTakenError(name, number)
                wanted[name], free = free, free + 1
        for name, number in wanted.items():
            self._pending.put_number(name, number)

    async def _has_documents(self, storage: str) -> bool:
        written = self._pending.documents.get(storage, {})
        if any(document.text is not None for document in written.values()):
            return True
        if storage in self._pending.cleared:
            return False
        rows = await self._fetch(f'SELECT "_id" FROM {quoted(storage)} LIMIT {len(written) + 1}')
        return any(document_id not in written for (document_id,) in rows)

    def note_no_keys(self) -> None:
        """Note from now on only that something is written."""
        self.write_set = NoKeys()
        self.has_all_keys = False

    async def savepoint(self) -> int:
        """Open a nested transaction."""
        self.require_intact()
        self._savepoints.append((self._pending.mark(), self.write_set.mark()))
        return len(self._savepoints) - 1

    async def release(self, savepoint: int, /) -> None:
        """Keep what was written since the savepoint."""
        self.require_intact()
        del self._savepoints[savepoint:]

    async def rollback(self, savepoint: int, /) -> None:
        """Undo what was written since the savepoint."""
        pending, writes = self._savepoints[savepoint]
        self._pending.roll_back(pending)
        self.write_set.roll_back(writes)
        del self._savepoints[savepoint:]

    def require_intact(self) -> None:
        """Refuse to go on if something could not be read.

        Raises:
            OverloadedError: so it is.
        """
        if self._reader.is_broken:
            raise OverloadedError("the transaction was undone because a read failed")

    async def _position(self, table: Table, document_id: str) -> int:
        known = self._pending.known_positions.get((table.storage, document_id))
        if known is None:
            rows = await self._fetch(self._statements.tables[table.storage].get, document_id)
            known = rows[0][0]
        return known

    def _note_id(self, table: Table, document_id: str) -> None:
        key = encode_key((document_id,))
        self._note(table.qualified_name, "by_id", key, key_successor(key))

    def _note(self, table: str, index: str, lower: bytes, upper: bytes) -> None:
        self.read_set.add(table, index, lower, upper)


def _request_key(request: RequestKey) -> bytes:
    return encode_key((request.session.hex(), float(request.number)))
