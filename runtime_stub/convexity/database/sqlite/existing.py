"""Bringing existing documents in line with a new schema: checks and index entries."""

from __future__ import annotations

from collections.abc import Collection

import apsw

from convexity.database.catalog import CatalogTable
from convexity.database.documents import SYSTEM_FIELDS
from convexity.database.sqlite.filling import fills
from convexity.database.sqlite.identifiers import quoted
from convexity.database.sqlite.mismatches import Mismatches
from convexity.values import ValidationError
from convexity.values.compiled import loads


def process_existing(
    connection: apsw.Connection,
    table: CatalogTable,
    *,
    check: bool,
    indexes: Collection[str],
    mismatches: Mismatches,
) -> None:
    """Go through all documents of a table once.

    Args:
        connection: Inside a transaction.
        table: The table, whose storage exists.
        check: Whether the documents need to be checked against the table's validator.
        indexes: Names of the empty indexes to fill.
        mismatches: Takes the documents that do not match.
    """
    to_fill = fills(connection.cursor(), table, indexes)
    rows = connection.execute(
        f"SELECT position, _id, doc FROM {quoted(table.table.storage)} ORDER BY position"
    )
    for position, document_id, text in rows:
        document = loads(str(text))
        if check:
            fields = {name: document[name] for name in document if name not in SYSTEM_FIELDS}
            try:
                table.codec.validate(fields)
            except ValidationError as error:
                mismatches.add(table.table.qualified_name, str(document_id), error)
                continue
        for fill in to_fill:
            fill(position, document)
