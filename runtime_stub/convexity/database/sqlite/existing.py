"""Bringing existing documents in line with a new schema: checks and index entries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import apsw

from convexity.database.documents import SYSTEM_FIELDS, DocumentCodec
from convexity.database.sqlite.statements import quoted
from convexity.database.tables import Index, Table
from convexity.errors import SchemaMismatchError
from convexity.values import ValidationError
from convexity.values.compiled import loads

MAX_LISTED: Final = 20
"""Documents that a refusal names; the others are counted."""


class Mismatch(NamedTuple):
    """A document that does not match the schema."""

    table: str
    document_id: str
    path: str
    reason: str


class Mismatches:
    """The documents that do not match, the first of them in full."""

    def __init__(self) -> None:
        self.count = 0
        self.first: list[Mismatch] = []

    def add(self, mismatch: Mismatch) -> None:
        """Note one more."""
        self.count += 1
        if self.count <= MAX_LISTED:
            self.first.append(mismatch)

    def refuse(self) -> None:
        """Refuse the schema if there is any.

        Raises:
            SchemaMismatchError: with the list.
        """
        if not self.count:
            return
        lines = [
            f"  {m.table} {m.document_id}{f' at {m.path}' if m.path else ''}: {m.reason}"
            for m in self.first
        ]
        if self.count > len(lines):
            lines.append(f"  ... and {self.count - len(lines)} more")
        noun = "document does" if self.count == 1 else "documents do"
        raise SchemaMismatchError(
            f"{self.count} existing {noun} not match the new schema, so nothing was changed. "
            "Change the documents with the schema deployed before, or accept them in the schema "
            "(v.optional for a new field, v.union for a changed one):\n" + "\n".join(lines),
            documents=[m.document_id for m in self.first],
        )


def process_existing(
    connection: apsw.Connection,
    table: Table,
    *,
    codec: DocumentCodec | None,
    indexes: Sequence[Index],
    mismatches: Mismatches,
) -> None:
    """Go through all documents of a table once.

    Args:
        connection: Inside a transaction.
        table: The table, whose storage exists.
        codec: Checks the documents; ``None`` if they need no check.
        indexes: Empty indexes to fill.
        mismatches: Takes the documents that ``codec`` refuses.
    """
    writer = connection.cursor()
    inserts = [
        (index.key, f"INSERT INTO {quoted(index.storage)} (key, position) VALUES (?, ?)")
        for index in indexes
    ]
    rows = connection.execute(
        f"SELECT position, _id, doc FROM {quoted(table.storage)} ORDER BY position"
    )
    for position, document_id, text in rows:
        document = loads(str(text))
        if codec is not None:
            fields = {name: document[name] for name in document if name not in SYSTEM_FIELDS}
            try:
                codec.validate(fields)
            except ValidationError as error:
                mismatches.add(Mismatch(table.name, str(document_id), error.path, str(error)))
                continue
        for key, insert in inserts:
            writer.execute(insert, (key(document), position))
