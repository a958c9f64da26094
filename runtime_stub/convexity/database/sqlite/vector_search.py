"""Vector search by sqlite-vec: the distance to every vector that passes the filters, so exact.

A search of all vectors goes through the blocks of a ``vec0`` table. One with filters goes through
an ordinary table with a column for each filter field, which is indexed; it is there if the index
has filter fields. Each is several times faster than the other would be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlite_vec  # type: ignore[import-untyped]

from convexity.database.identifiers import quoted

if TYPE_CHECKING:
    import apsw

    from convexity.database.engine import VectorEntry

FILTER_COLUMN: Final = "filter_{}"
"""Name of the column of a filter field, by its number."""


class VectorStatements(NamedTuple):
    """Statements of a vector index."""

    insert: str
    update: str
    delete: str
    nearest: str
    filtered: FilteredStatements | None


class FilteredStatements(NamedTuple):
    """Statements of the table for searches with filters."""

    put: str
    delete: str
    nearest: str
    """With a place for the condition."""


def filtered_storage(storage: str) -> str:
    """Name of the table for searches with filters, of the index in the table ``storage``."""
    return f"{storage}.filtered"


def vector_statements(storage: str, documents: str, filters: int) -> VectorStatements:
    """The statements of an index.

    Args:
        storage: Its table.
        documents: Table of the documents.
        filters: Number of filter fields.
    """
    name = quoted(storage)
    # Materialised, because vec0 cannot order by more than the distance.
    found = (
        "WITH n AS MATERIALIZED ({}) SELECT d._id, n.distance FROM n "
        f"JOIN {quoted(documents)} AS d USING (position) ORDER BY n.distance, n.position"
    )
    return VectorStatements(
        insert=f"INSERT INTO {name} (position, vector) VALUES (?, ?)",
        update=f"UPDATE {name} SET vector = ? WHERE position = ?",
        delete=f"DELETE FROM {name} WHERE position = ?",
        nearest=found.format(
            f"SELECT position, distance FROM {name} WHERE vector MATCH ? AND k = ?"
        ),
        filtered=_filtered(filtered_storage(storage), filters, found) if filters else None,
    )


def _filtered(storage: str, filters: int, found: str) -> FilteredStatements:
    name = quoted(storage)
    columns = ["position", *map(FILTER_COLUMN.format, range(filters)), "vector"]
    places = ", ".join("?" * len(columns))
    return FilteredStatements(
        put=f"INSERT OR REPLACE INTO {name} ({', '.join(columns)}) VALUES ({places})",
        delete=f"DELETE FROM {name} WHERE position = ?",
        nearest=found.format(
            f"SELECT position, vec_distance_cosine(vector, ?) AS distance FROM {name} WHERE {{}} "
            "ORDER BY distance, position LIMIT ?"
        ),
    )


def change(
    execute: Callable[..., object],
    statements: VectorStatements,
    position: int,
    before: VectorEntry | None,
    after: VectorEntry | None,
) -> None:
    """Store the entry of the document at a position in place of another one.

    Args:
        execute: Runs a statement with its bindings.
        statements: Of the index.
        position: Of the document.
        before: The entry there is.
        after: The entry there is to be.
    """
    filtered = statements.filtered
    if after is None:
        execute(statements.delete, position)
        if filtered is not None:
            execute(filtered.delete, position)
        return
    if before is None:
        execute(statements.insert, position, after.vector)
    elif before.vector != after.vector:
        execute(statements.update, after.vector, position)
    if filtered is not None:
        execute(filtered.put, position, *after.filters, after.vector)


def register(connection: apsw.Connection) -> None:
    """Give a connection what the statements use."""
    connection.enable_load_extension(True)
    connection.load_extension(sqlite_vec.loadable_path())
    connection.enable_load_extension(False)


def nearest(
    cursor: apsw.Cursor,
    statements: VectorStatements,
    vector: bytes,
    any_of: Sequence[tuple[int, bytes]],
    limit: int,
) -> list[tuple[str, float]]:
    """Ids and similarities; see :meth:`~convexity.database.engine.Snapshot.nearest`."""
    rows: Any
    if not any_of or statements.filtered is None:
        rows = cursor.execute(statements.nearest, (vector, limit))
    else:
        by_field: dict[int, list[bytes]] = {}
        for field, digest in any_of:
            by_field.setdefault(field, []).append(digest)
        condition = " OR ".join(
            f"{FILTER_COLUMN.format(field)} IN ({', '.join('?' * len(digests))})"
            for field, digests in by_field.items()
        )
        digests = [digest for digests in by_field.values() for digest in digests]
        statement = statements.filtered.nearest.format(condition)
        rows = cursor.execute(statement, (vector, *digests, limit))
    return [(document_id, max(-1.0, min(1.0, 1 - distance))) for document_id, distance in rows]
