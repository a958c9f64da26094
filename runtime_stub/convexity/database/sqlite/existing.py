"""Bringing existing documents in line with a new schema: checks and index entries."""

from __future__ import annotations

from collections.abc import Sequence

import apsw

from convexity.database.documents import SYSTEM_FIELDS, DocumentCodec
from convexity.database.sqlite.mismatches import Mismatches
from convexity.database.sqlite.statements import quoted
from convexity.database.tables import Index, Table
from convexity.values import ValidationError
from convexity.values.compiled import loads


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
                mismatches.add(table.qualified_name, str(document_id), error)
                continue
        for key, insert in inserts:
            writer.execute(insert, (key(document), position))
