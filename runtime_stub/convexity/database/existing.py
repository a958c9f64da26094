"""Bringing existing documents in line with a new schema: checks and index entries."""

from __future__ import annotations

from collections.abc import Collection

from convexity.database.catalog import CatalogTable
from convexity.database.deploy_store import DeployStore
from convexity.database.documents import SYSTEM_FIELDS
from convexity.database.mismatches import Mismatches
from convexity.values import ValidationError
from convexity.values.compiled import loads


def process_existing(
    store: DeployStore,
    table: CatalogTable,
    *,
    check: bool,
    indexes: Collection[str],
    mismatches: Mismatches,
) -> None:
    """Go through all documents of a table once.

    Args:
        store: Inside a transaction.
        table: The table, whose storage exists.
        check: Whether the documents need to be checked against the table's validator.
        indexes: Names of the empty indexes to fill.
        mismatches: Takes the documents that do not match.
    """
    to_fill = store.fills(table, indexes)
    for position, document_id, text in store.documents(table.table):
        document = loads(text)
        if check:
            fields = {name: document[name] for name in document if name not in SYSTEM_FIELDS}
            try:
                table.codec.validate(fields)
            except ValidationError as error:
                mismatches.add(table.table.qualified_name, document_id, error)
                continue
        for fill in to_fill:
            fill(position, document)
    store.finish_fills()
