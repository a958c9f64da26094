"""Vector search by sqlite-vec: the distance to every vector that passes the filters, so exact.

Vectors lie in an ordinary table with a column for each filter field, which is indexed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlite_vec  # type: ignore[import-untyped]

from convexity.database.sqlite.identifiers import quoted

if TYPE_CHECKING:
    import apsw

    from convexity.database.engine import VectorEntry

FILTER_COLUMN: Final = "filter_{}"
"""Name of the column of a filter field, by its number."""


class VectorStatements(NamedTuple):
    """Statements of a vector index."""

    put: str
    delete: str
    nearest: str
    """With a place for the condition."""


def vector_statements(storage: str, documents: str, filters: int) -> VectorStatements:
    """The statements of an index.

    Args:
        storage: Its table.
        documents: Table of the documents.
        filters: Number of filter fields.
    """
    name = quoted(storage)
    columns = ["position", *map(FILTER_COLUMN.format, range(filters)), "vector"]
    places = ", ".join("?" * len(columns))
    return VectorStatements(
        put=f"INSERT OR REPLACE INTO {name} ({', '.join(columns)}) VALUES ({places})",
        delete=f"DELETE FROM {name} WHERE position = ?",
        nearest=(
            "SELECT d._id, n.distance FROM (SELECT position, "
            f"vec_distance_cosine(vector, ?) AS distance FROM {name}{{}} "
            f"ORDER BY distance, position LIMIT ?) AS n JOIN {quoted(documents)} AS d "
            "USING (position) ORDER BY n.distance, n.position"
        ),
    )


def vector_row(position: int, entry: VectorEntry) -> tuple[int | bytes, ...]:
    """What :attr:`VectorStatements.put` takes."""
    return position, *entry.filters, entry.vector


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
    by_field: dict[int, list[bytes]] = {}
    for field, digest in any_of:
        by_field.setdefault(field, []).append(digest)
    conditions = [
        f"{FILTER_COLUMN.format(field)} IN ({', '.join('?' * len(digests))})"
        for field, digests in by_field.items()
    ]
    where = f" WHERE {' OR '.join(conditions)}" if conditions else ""
    digests = [digest for digests in by_field.values() for digest in digests]
    rows: Any = cursor.execute(statements.nearest.format(where), (vector, *digests, limit))
    return [(document_id, max(-1.0, min(1.0, 1 - distance))) for document_id, distance in rows]
