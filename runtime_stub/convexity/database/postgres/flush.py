"""Storing what a group wrote: everything in one statement.

Each part of the statement changes one table, and takes its rows as arrays. All parts see the state
before, which is right because the parts are what remains of all writes: no row is touched twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from convexity.database.identifiers import quoted
from convexity.database.postgres.snapshot import split_key
from convexity.database.postgres.text_search import text_terms

if TYPE_CHECKING:
    from convexity.database.engine import TextEntry, VectorEntry
    from convexity.database.postgres.connection import Connection
    from convexity.database.postgres.pending import (
        Pending,
        PendingDocument,
        PendingIndex,
        PendingRow,
    )
    from convexity.database.postgres.statements import Statements

_DOCUMENT: Final = (("position", "bigint"), ("_id", "text"), ("_creationTime", "double precision"))
_ENTRY: Final = (("key", "bytea"), ("position", "bigint"), ("tail", "bytea"))
_TEXT: Final = (("position", "bigint"), ("words", "text"), ("terms", "text"))


class CommitRow(NamedTuple):
    """The row of a group in the log of commits."""

    timestamp: int
    previous: int
    position: int
    origin: bytes
    writes: bytes | None


class Flush:
    """The parts of one statement."""

    def __init__(self, statements: Statements) -> None:
        """Begin without parts."""
        self._statements = statements
        self._parts: list[str] = []
        self._bindings: list[Any] = []

    def add(self, pending: Pending, first_position: int) -> int:
        """Add everything that is pending.

        Args:
            pending: What a group wrote.
            first_position: Position of the first new document.

        Returns:
            the first position that is free afterwards.
        """
        position = first_position
        positions: dict[tuple[str, str], int] = {}
        for storage, documents in pending.documents.items():
            for document_id, document in documents.items():
                if document.is_stored:
                    positions[storage, document_id] = document.position
                elif document.text is not None:
                    positions[storage, document_id] = position
                    position += 1
            self._add_documents(storage, documents, positions)
        for storage, index in pending.indexes.items():
            if not self._statements.indexes[storage].is_by_id:
                self._add_entries(storage, index, positions)
        for storage, texts in pending.texts.items():
            self._add_rows(storage, texts, positions, _TEXT, _text_values, {"terms": "tsvector"})
        for storage, vectors in pending.vectors.items():
            statements = self._statements.vectors[storage]
            columns = tuple(zip(statements.columns, statements.types, strict=True))
            self._add_rows(storage, vectors, positions, columns, _vector_values)
        meta = [(key, value) for key, value in pending.meta.items() if value is not None]
        self._upsert("_convexity_meta", (("key", "text"), ("value", "text")), meta, ("key",))
        removed = [key for key, value in pending.meta.items() if value is None]
        if removed:
            self._part(
                f'DELETE FROM "_convexity_meta" WHERE key = ANY ({self._bind("text", removed)})'
            )
        for storage in pending.cleared:
            self._part(f"DELETE FROM {quoted(storage)}")
        if pending.numbers:
            columns = (("name", "text"), ("number", "integer"))
            self._part(
                'UPDATE "_convexity_tables" AS t SET number = u.number FROM '
                f"{self._rows(columns, list(pending.numbers.items()))} WHERE t.name = u.name"
            )
        return position

    def add_answers(self, answers: Sequence[tuple[bytes, int, int, str]]) -> None:
        """Add answers to requests: session, number, timestamp, text."""
        columns = (
            ("session", "bytea"),
            ("number", "bigint"),
            ("timestamp", "bigint"),
            ("answer", "text"),
        )
        self._upsert("_convexity_answers", columns, answers, ("session", "number"))

    async def run(self, connection: Connection, commit: CommitRow, channel: str) -> None:
        """Run the statement, with the row of the commit, and the word that there is one."""
        first = len(self._bindings) + 1
        places = ", ".join(f"${first + number}" for number in range(len(commit)))
        self._part(
            'INSERT INTO "_convexity_commits" ("timestamp", previous, position, origin, writes) '
            f"VALUES ({places})"
        )
        bindings = [*self._bindings, *commit, channel, str(commit.timestamp)]
        parts = ", ".join(f"p{number} AS ({part})" for number, part in enumerate(self._parts))
        channel_place = f"${len(bindings) - 1}::text, ${len(bindings)}::text"
        await connection.fetch(f"WITH {parts} SELECT pg_notify({channel_place})", *bindings)

    def _add_documents(
        self,
        storage: str,
        documents: Mapping[str, PendingDocument],
        positions: Mapping[tuple[str, str], int],
    ) -> None:
        inserted: list[tuple[Any, ...]] = []
        updated: list[tuple[Any, ...]] = []
        deleted: list[int] = []
        for document_id, (text, creation_time, position, is_stored) in documents.items():
            if text is None:
                if is_stored:
                    deleted.append(position)
            elif is_stored:
                updated.append((position, document_id, creation_time, text))
            else:
                row = (positions[storage, document_id], document_id, creation_time, text)
                inserted.append(row)
        columns = (*_DOCUMENT, ("doc", "text"))
        self._insert(storage, columns, inserted)
        if updated:
            self._part(
                f'UPDATE {quoted(storage)} AS t SET doc = u.doc, "_creationTime" = '
                f'u."_creationTime" FROM {self._rows(columns, updated)} '
                "WHERE t.position = u.position"
            )
        self._delete_positions(storage, deleted)

    def _add_entries(
        self, storage: str, index: PendingIndex, positions: Mapping[tuple[str, str], int]
    ) -> None:
        table = self._statements.tables_of[storage]
        removed: dict[tuple[bytes, int], bytes | None] = {}
        added: dict[tuple[bytes, int], bytes | None] = {}
        for key, (document_id, is_there, is_stored) in index.entries.items():
            if is_there == is_stored:
                continue
            start, tail = split_key(key)
            (added if is_there else removed)[start, positions[table, document_id]] = tail
        # One document may have two keys that differ only in what the index does not hold.
        changed = [(*place, added.pop(place)) for place in list(added) if place in removed]
        for start, position, _ in changed:
            del removed[start, position]
        self._insert(storage, _ENTRY, [(*place, tail) for place, tail in added.items()])
        if removed:
            rows = self._rows(_ENTRY[:2], list(removed))
            self._part(
                f"DELETE FROM {quoted(storage)} AS t USING {rows} "
                "WHERE t.key = u.key AND t.position = u.position"
            )
        if changed:
            self._part(
                f"UPDATE {quoted(storage)} AS t SET tail = u.tail FROM "
                f"{self._rows(_ENTRY, changed)} WHERE t.key = u.key AND t.position = u.position"
            )

    def _add_rows(
        self,
        storage: str,
        pending: Mapping[str, PendingRow],
        positions: Mapping[tuple[str, str], int],
        columns: Sequence[tuple[str, str]],
        values: Callable[[Any], tuple[Any, ...]],
        casts: Mapping[str, str] = {},
    ) -> None:
        """Add the entries of a full-text or vector index, one for a document."""
        table = self._statements.tables_of[storage]
        rows: list[tuple[Any, ...]] = []
        removed: list[int] = []
        for document_id, row in pending.items():
            if row.entry is not None:
                rows.append((positions[table, document_id], *values(row.entry)))
            elif row.is_stored:
                removed.append(positions[table, document_id])
        self._upsert(storage, columns, rows, ("position",), casts)
        self._delete_positions(storage, removed)

    def _delete_positions(self, storage: str, positions: Sequence[int]) -> None:
        if positions:
            place = self._bind("bigint", positions)
            self._part(f"DELETE FROM {quoted(storage)} WHERE position = ANY ({place})")

    def _insert(
        self,
        storage: str,
        columns: Sequence[tuple[str, str]],
        rows: Sequence[tuple[Any, ...]],
        casts: Mapping[str, str] = {},
        more: str = "",
    ) -> None:
        if not rows:
            return
        names = ", ".join(quoted(name) for name, _ in columns)
        values = ", ".join(
            f"u.{quoted(name)}" + (f"::{casts[name]}" if name in casts else "")
            for name, _ in columns
        )
        self._part(
            f"INSERT INTO {quoted(storage)} ({names}) SELECT {values} "
            f"FROM {self._rows(columns, rows)}{more}"
        )

    def _upsert(
        self,
        storage: str,
        columns: Sequence[tuple[str, str]],
        rows: Sequence[tuple[Any, ...]],
        keys: Sequence[str],
        casts: Mapping[str, str] = {},
    ) -> None:
        changes = ", ".join(
            f"{quoted(name)} = excluded.{quoted(name)}" for name, _ in columns if name not in keys
        )
        conflict = f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changes}"
        self._insert(storage, columns, rows, casts, conflict)

    def _rows(self, columns: Sequence[tuple[str, str]], rows: Sequence[tuple[Any, ...]]) -> str:
        """Rows as a table ``u``."""
        arrays: Iterator[Sequence[Any]] = zip(*rows, strict=True)
        places = ", ".join(
            self._bind(kind, values) for (_, kind), values in zip(columns, arrays, strict=True)
        )
        names = ", ".join(quoted(name) for name, _ in columns)
        return f"unnest({places}) AS u ({names})"

    def _bind(self, kind: str, values: Sequence[Any]) -> str:
        self._bindings.append(values)
        return f"${len(self._bindings)}::{kind}[]"

    def _part(self, statement: str) -> None:
        self._parts.append(statement)


def _text_values(entry: TextEntry) -> tuple[Any, ...]:
    return entry.words, text_terms(entry)


def _vector_values(entry: VectorEntry) -> tuple[Any, ...]:
    return entry.vector, *entry.filters
