"""The engine that an address names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from convexity.database.sqlite import SqliteEngine
from convexity.errors import DefinitionError

if TYPE_CHECKING:
    from convexity.database.engine import Engine


def open_engine(database: Path | str, data_folder: Path) -> Engine:
    """The engine for a file or a server; nothing is opened yet.

    Args:
        database: A SQLite file, or an address that begins with ``postgresql://``.
        data_folder: Where an engine without a file writes what people are to read.

    Raises:
        DefinitionError: what the engine needs is not installed.
    """
    if isinstance(database, Path):
        return SqliteEngine(database)
    try:
        from convexity.database.postgres.engine import PostgresEngine
    except ModuleNotFoundError as error:
        raise DefinitionError(
            f"DATABASE_URL names a PostgreSQL database, for which {error.name} is needed; install "
            "it with: pip install asyncpg"
        ) from error
    return PostgresEngine(database, report=data_folder / "mismatches.txt")
