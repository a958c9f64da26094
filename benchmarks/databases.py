"""Databases that benchmarks use in their own process, without a server."""

from __future__ import annotations

import asyncio
import importlib.util
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from convexity.database.catalog import Catalog
from convexity.database.engine import WriteTransaction
from convexity.database.sqlite import SqliteEngine
from convexity.database.tables import Schema
from convexity.database.transaction import Transaction

from benchmarks.timing import convexity

_BATCH: Final = 2_000
"""Documents that one mutation inserts, below the limits of a transaction."""


class Database:
    """A deployed schema on a file."""

    def __init__(self, engine: SqliteEngine, catalog: Catalog) -> None:
        self.engine: Final = engine
        self.catalog: Final = catalog

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """The transaction of a query."""
        async with self.engine.snapshot() as snapshot:
            transaction = Transaction(snapshot, self.catalog)
            yield transaction
            transaction.end()

    async def insert(self, table: str, documents: Iterable[Mapping[str, Any]]) -> None:
        """Insert documents, many in one mutation."""
        pending: list[Mapping[str, Any]] = []
        for document in documents:
            pending.append(document)
            if len(pending) == _BATCH:
                await self._insert(table, pending)
                pending = []
        await self._insert(table, pending)

    async def _insert(self, table: str, documents: list[Mapping[str, Any]]) -> None:
        async def work(store: WriteTransaction) -> None:
            transaction = Transaction(store, self.catalog)
            for document in documents:
                await transaction.insert(table, document)

        await self.engine.write(work)


@asynccontextmanager
async def compiled(folder: Path, schema: str) -> AsyncIterator[Database]:
    """Compile a project that is a ``schema.py`` alone, and open its database.

    Args:
        folder: An empty folder.
        schema: Text of the module.
    """
    functions = folder / "convex"
    functions.mkdir(parents=True)
    (functions / "schema.py").write_text(schema)
    (folder / "pyproject.toml").write_text('[project]\nname = "measured"\n[tool.convexity]\n')
    await asyncio.to_thread(convexity(folder, "build").seconds)
    engine = SqliteEngine(folder / "app.db")
    deployment = await engine.start(_schema(folder / "dist" / "tables.py"))
    try:
        yield Database(engine, deployment.catalog)
    finally:
        await engine.close()


def _schema(tables: Path) -> Schema:
    spec = importlib.util.spec_from_file_location(f"tables_of_{tables.parts[-3]}", tables)
    if spec is None or spec.loader is None:
        raise RuntimeError(f"{tables} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    schema: Schema = module.SCHEMA
    return schema


async def milliseconds(work: Callable[[], Awaitable[object]], rounds: int) -> float:
    """Median time of ``work``, which is awaited ``rounds`` times."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        await work()
        times.append(time.perf_counter() - start)
    return sorted(times)[rounds // 2] * 1000
