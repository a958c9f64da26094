"""Schemas written by hand and shorthands for transactions."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from convexity.database.engine import Committed, Deployment, Snapshot, WriteTransaction
from convexity.database.limits import TransactionLimits
from convexity.database.paths import value_at
from convexity.database.reader import DatabaseReader
from convexity.database.sqlite import SqliteEngine
from convexity.database.tables import Index, Schema, SearchIndex, Table
from convexity.database.transaction import Transaction
from convexity.database.writer import DatabaseWriter
from convexity.values import Id, Validator
from convexity.values.ordering import encode_key

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
    search: Sequence[SearchIndex] = (),
) -> Table:
    storage = storage or name
    return Table(
        name=name,
        validator=validator,
        storage=storage,
        indexes=(
            make_index(storage, "by_creation_time", ["_creationTime"]),
            *(make_index(storage, index, fields) for index, fields in indexes.items()),
            *(make_index(storage, index, fields, staged=True) for index, fields in staged.items()),
        ),
        search_indexes=tuple(search),
    )


def make_schema(*tables: Table, schema_validation: bool = True) -> Schema:
    statements = []
    for table in tables:
        statements.append(
            f'CREATE TABLE IF NOT EXISTS "{table.storage}" '
            "(position INTEGER PRIMARY KEY, _id TEXT NOT NULL UNIQUE, _creationTime REAL NOT NULL, "
            "doc TEXT NOT NULL);"
        )
        statements += [
            f'CREATE TABLE IF NOT EXISTS "{index.storage}" '
            "(key BLOB PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;"
            for index in table.indexes
        ]
    return Schema(
        tables=tables, schema_validation=schema_validation, ddl={"sqlite": "\n".join(statements)}
    )


class Database:
    """A deployed schema on a file."""

    def __init__(self, engine: SqliteEngine, deployment: Deployment) -> None:
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
    """The tables deployed to a file."""
    engine = SqliteEngine(path, clock=clock)
    deployment = await engine.start(make_schema(*tables, schema_validation=schema_validation))
    try:
        yield Database(engine, deployment)
    finally:
        await engine.close()
