"""Schemas written by hand and shorthands for transactions."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from convexity.database.engine import Committed, Deployment, Engine, Snapshot, WriteTransaction
from convexity.database.limits import TransactionLimits
from convexity.database.paths import value_at
from convexity.database.reader import DatabaseReader
from convexity.database.tables import Index, Schema, SearchIndex, Table, VectorIndex
from convexity.database.transaction import Transaction
from convexity.database.writer import DatabaseWriter
from convexity.values import Id, Validator
from convexity.values.ordering import encode_key

from tests.support.engines import engine_at, schema_of

T = TypeVar("T")


def make_index(table: str, name: str, fields: Sequence[str], *, staged: bool = False) -> Index:
    own = () if name == "by_creation_time" else tuple(fields)

    def key(document: Mapping[str, Any]) -> bytes:
        values = [value_at(document, field) for field in own]
        return encode_key((*values, document["_creationTime"], document["_id"]))

    return Index(
        name=name, fields=tuple(fields), storage=f"{table}__{name}", key=key, staged=staged
    )


def make_table(
    name: str,
    validator: Validator,
    indexes: Mapping[str, Sequence[str]] = {},
    *,
    storage: str | None = None,
    staged: Mapping[str, Sequence[str]] = {},
    search: Mapping[str, tuple[str, Sequence[str]]] = {},
    vectors: Mapping[str, tuple[str, int, Sequence[str]]] = {},
) -> Table:
    """A table.

    Args:
        name: Its name.
        validator: Of its documents.
        indexes: Fields by name.
        storage: Name of its physical table, if it is another.
        staged: Like ``indexes``, for staged ones; search and vector indexes are staged if their
            names are here, too.
        search: Search field and filter fields by name.
        vectors: Vector field, dimensions and filter fields by name.
    """
    storage = storage or name
    return Table(
        name=name,
        validator=validator,
        storage=storage,
        indexes=(
            make_index(storage, "by_creation_time", ["_creationTime"]),
            *(make_index(storage, index, fields) for index, fields in indexes.items()),
            *(
                make_index(storage, index, fields, staged=True)
                for index, fields in staged.items()
                if fields
            ),
        ),
        search_indexes=tuple(
            SearchIndex(
                name=index,
                search_field=field,
                filter_fields=tuple(filters),
                storage=f"{storage}__{index}",
                staged=index in staged,
            )
            for index, (field, filters) in search.items()
        ),
        vector_indexes=tuple(
            VectorIndex(
                name=index,
                vector_field=field,
                dimensions=dimensions,
                filter_fields=tuple(filters),
                storage=f"{storage}__{index}",
                staged=index in staged,
            )
            for index, (field, dimensions, filters) in vectors.items()
        ),
    )


def make_schema(*tables: Table, schema_validation: bool = True) -> Schema:
    schema = schema_of(*tables)
    statements = [f"{schema.ddl['sqlite']};"]
    for table in tables:
        statements += [
            f'CREATE VIRTUAL TABLE IF NOT EXISTS "{search.storage}" USING fts5(words, filters, '
            "content='', contentless_delete=1, tokenize='ascii');"
            for search in table.search_indexes
        ]
        for vectors in table.vector_indexes:
            statements.append(
                f'CREATE VIRTUAL TABLE IF NOT EXISTS "{vectors.storage}" USING vec0(position '
                f"integer primary key, vector float[{vectors.dimensions}] distance_metric=cosine, "
                "chunk_size=8);"
            )
            filters = [f"filter_{n} BLOB, " for n in range(len(vectors.filter_fields))]
            if filters:
                statements.append(
                    f'CREATE TABLE IF NOT EXISTS "{vectors.storage}.filtered" '
                    f"(position INTEGER PRIMARY KEY, {''.join(filters)}vector BLOB NOT NULL);"
                )
    return Schema(
        tables=tables,
        schema_validation=schema_validation,
        ddl={**schema.ddl, "sqlite": "\n".join(statements)},
    )


class Database:
    """A deployed schema on a database."""

    def __init__(self, engine: Engine, deployment: Deployment) -> None:
        self.engine = engine
        self.deployment = deployment
        self.catalog = deployment.catalog

    async def commit(
        self,
        work: Callable[[DatabaseWriter, Transaction], Awaitable[T]],
        *,
        limits: TransactionLimits | None = None,
    ) -> Committed[T]:
        """Run ``work`` as a mutation."""

        async def in_transaction(store: WriteTransaction) -> T:
            transaction = Transaction(store, self.catalog, limits=limits)
            try:
                return await work(DatabaseWriter(transaction), transaction)
            finally:
                transaction.end()

        return await self.engine.write(in_transaction)

    async def mutate(self, work: Callable[[DatabaseWriter], Awaitable[T]]) -> T:
        """Run ``work`` as a mutation, for its value."""
        return (await self.commit(lambda db, _: work(db))).value

    async def insert(self, table: str, *documents: Mapping[str, Any]) -> list[Id[Any]]:
        """Insert documents in one mutation."""

        async def work(db: DatabaseWriter) -> list[Id[Any]]:
            return [await db.insert(table, document) for document in documents]

        return await self.mutate(work)

    @asynccontextmanager
    async def reading(
        self, *, ts: int | None = None, journal: str | None = None
    ) -> AsyncIterator[tuple[DatabaseReader, Transaction]]:
        """The transaction of a query."""
        snapshot: Snapshot
        engine = self.engine
        async with engine.snapshot() if ts is None else engine.snapshot_at(ts) as snapshot:
            transaction = Transaction(snapshot, self.catalog, journal=journal)
            yield DatabaseReader(transaction), transaction
            transaction.end()

    async def all(self, table: str) -> list[dict[str, Any]]:
        """All documents of a table."""
        async with self.reading() as (db, _):
            return await db.query(table).collect()


@asynccontextmanager
async def deployed(
    path: Path,
    *tables: Table,
    schema_validation: bool = True,
    clock: Callable[[], int] = time.time_ns,
) -> AsyncIterator[Database]:
    """The tables deployed to the database of that path."""
    engine = engine_at(path, clock=clock)
    deployment = await engine.start(make_schema(*tables, schema_validation=schema_validation))
    try:
        yield Database(engine, deployment)
    finally:
        await engine.close()
