"""Vector search by pgvector: the distance to every vector that passes the filters, so exact."""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from convexity.database.identifiers import quoted
from convexity.values.storage_names import shortened

if TYPE_CHECKING:
    from convexity.database.postgres.connection import Connection

FILTER_COLUMN: Final = "filter_{}"
"""Name of the column of a filter field, by its number."""
_HEADER: Final = struct.Struct(">HH")


class VectorStatements(NamedTuple):
    """Statements of a vector index."""

    nearest: str
    """With a place for the condition."""
    columns: Sequence[str]
    types: Sequence[str]


def vector_storage(storage: str, dimensions: int, filters: int) -> list[str]:
    """Statements that create the storage of a vector index, where it is missing.

    Args:
        storage: Its table.
        dimensions: Numbers in a vector.
        filters: Number of filter fields.
    """
    name = quoted(storage)
    names = [FILTER_COLUMN.format(number) for number in range(filters)]
    columns = "".join(f", {column} bytea NOT NULL" for column in names)
    return [
        f"CREATE TABLE IF NOT EXISTS {name} (position bigint PRIMARY KEY, "
        f"vector vector({dimensions}) NOT NULL{columns})",
        *(
            f"CREATE INDEX IF NOT EXISTS {quoted(_index_name(storage, number))} "
            f"ON {name} ({column})"
            for number, column in enumerate(names)
        ),
    ]


def vector_statements(storage: str, documents: str, filters: int) -> VectorStatements:
    """The statements of an index.

    Args:
        storage: Its table.
        documents: Table of the documents.
        filters: Number of filter fields.
    """
    columns = ["position", "vector", *map(FILTER_COLUMN.format, range(filters))]
    return VectorStatements(
        # Materialised, so that nothing is joined before the nearest are known.
        nearest=(
            "WITH n AS MATERIALIZED (SELECT position, vector <=> $1 AS distance "
            f"FROM {quoted(storage)} {{}} ORDER BY distance, position LIMIT $2) "
            f"SELECT d._id, n.distance FROM n JOIN {quoted(documents)} AS d USING (position) "
            "ORDER BY n.distance, n.position"
        ),
        columns=columns,
        types=["bigint", "vector", *["bytea"] * filters],
    )


async def register(connection: Connection) -> None:
    """Let a connection send vectors, if the database knows them."""
    schema = await connection.fetchval(
        "SELECT n.nspname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace "
        "WHERE t.typname = 'vector'"
    )
    if schema is not None:
        await connection.set_type_codec(
            "vector", schema=schema, encoder=_encoded, decoder=bytes, format="binary"
        )


def _encoded(vector: bytes) -> bytes:
    """Little-endian float32 in the binary form of pgvector: their number, zero, then big-endian."""
    numbers = array("f", vector)
    if sys.byteorder == "little":
        numbers.byteswap()
    return _HEADER.pack(len(numbers), 0) + numbers.tobytes()


async def nearest(
    fetch: Any,
    statements: VectorStatements,
    vector: bytes,
    any_of: Sequence[tuple[int, bytes]],
    limit: int,
) -> list[tuple[str, float]]:
    """Ids and similarities; see :meth:`~convexity.database.engine.Snapshot.nearest`."""
    by_field: dict[int, list[bytes]] = {}
    for field, digest in any_of:
        by_field.setdefault(field, []).append(digest)
    condition = " OR ".join(
        f"{FILTER_COLUMN.format(field)} = ANY (${number}::bytea[])"
        for number, field in enumerate(by_field, 3)
    )
    statement = statements.nearest.format(f"WHERE {condition}" if condition else "")
    rows = await fetch(statement, vector, limit, *by_field.values())
    return [(document_id, max(-1.0, min(1.0, 1 - distance))) for document_id, distance in rows]


def _index_name(storage: str, number: int) -> str:
    return shortened(f"{storage}.{FILTER_COLUMN.format(number)}")
