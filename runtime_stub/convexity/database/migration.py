"""Moving a database from SQLite to PostgreSQL: exact, and resumed where it was interrupted.

Documents, with their positions, ids and times, what the runtime keeps for itself, recorded answers
and what is known of tables are copied as they are. Indexes are not: the first process that starts
on the new database builds them, as after any change of a schema.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import apsw

from convexity.database.identifiers import quoted
from convexity.database.postgres.address import PostgresAddress
from convexity.database.postgres.connection import check_server, connect, lock_key
from convexity.database.postgres.deploy_store import STORAGE_FORMAT, UNFINISHED
from convexity.database.postgres.statements import RELATIONS, document_table
from convexity.database.process_lock import SCHEDULER, FileLock
from convexity.database.registry import DIGEST
from convexity.database.sqlite.connection import check_format
from convexity.errors import DefinitionError, OverloadedError

_BATCH: Final = 5_000
"""Rows that are stored in one transaction."""
_LOCK_TIMEOUT: Final = 10
"""Seconds to wait until no process writes to the SQLite database."""

Progress = Callable[[int], None]
"""Told how many further rows are done."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """What a migration found and did."""

    tables: int
    documents: int
    resumed: int
    """Documents that an interrupted migration had copied before."""


@dataclass(frozen=True, slots=True)
class _Copied:
    """A table whose rows are copied in the order of an integer column."""

    storage: str
    columns: tuple[str, ...]
    """The first one is the integer that orders them."""


_DOCUMENT: Final = ("position", "_id", "_creationTime", "doc")
_ANSWERS: Final = _Copied("_convexity_answers", ("timestamp", "session", "number", "answer"))


class Source:
    """A SQLite database that nobody writes to as long as it is open."""

    def __init__(self, path: Path) -> None:
        """Open and lock it.

        Raises:
            DefinitionError: there is no database of this version.
            OverloadedError: a process goes on writing to it.
        """
        if not path.is_file():
            raise DefinitionError(f"there is no database {path.absolute()}")
        # A backend holds it as long as it runs, even if it writes nothing just now.
        self._lock: Final = FileLock(path.with_name(f"{path.name}-{SCHEDULER}"))
        if not self._lock.try_acquire():
            raise OverloadedError(f"a backend runs on {path}; stop it, then migrate")
        self._connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            self._connection.set_busy_timeout(_LOCK_TIMEOUT * 1000)
            check_format(self._connection)
            if not self._rows("SELECT 1 FROM sqlite_schema WHERE name = '_convexity_meta'"):
                raise DefinitionError(f"nothing was ever deployed to {path}")
            self._connection.execute("BEGIN IMMEDIATE")
        except apsw.BusyError as error:
            self.close()
            raise OverloadedError(
                f"another process writes to {path}; stop the backend, then migrate"
            ) from error
        except apsw.Error as error:
            self.close()
            raise DefinitionError(f"{path} cannot be read: {error}") from error
        except BaseException:
            self.close()
            raise
        self.timestamp: Final[int] = self._rows('SELECT timestamp FROM "_convexity_clock"')[0][0]
        self.tables: Final = self._rows(
            'SELECT name, number, storage, validator, in_schema FROM "_convexity_tables"'
        )
        self.meta: Final = self._rows(
            'SELECT key, value FROM "_convexity_meta" WHERE key <> ?', DIGEST
        )

    def close(self) -> None:
        """Let others write again."""
        self._connection.close()
        self._lock.release()

    def copied(self) -> list[_Copied]:
        """What is to be copied row by row."""
        present = {row[0] for row in self._rows("SELECT name FROM sqlite_schema")}
        storages = (storage for _, _, storage, _, _ in self.tables if storage in present)
        return [*(_Copied(storage, _DOCUMENT) for storage in storages), _ANSWERS]

    def count(self, table: _Copied) -> int:
        """Number of rows of a table."""
        return self._rows(f"SELECT count(*) FROM {quoted(table.storage)}")[0][0]  # type: ignore[no-any-return]

    def last_position(self) -> int:
        """The largest position of any document."""
        positions = [
            self._rows(f"SELECT coalesce(max(position), 0) FROM {quoted(table.storage)}")[0][0]
            for table in self.copied()
            if table.columns is _DOCUMENT
        ]
        return max(positions, default=0)

    def batches(self, table: _Copied, after: int) -> Iterator[list[tuple[Any, ...]]]:
        """The rows after a position, in order."""
        columns = ", ".join(map(quoted, table.columns))
        cursor = self._connection.cursor().execute(
            f"SELECT {columns} FROM {quoted(table.storage)} WHERE {quoted(table.columns[0])} > ? "
            f"ORDER BY {quoted(table.columns[0])}",
            (after,),
        )
        batch: list[tuple[Any, ...]] = []
        for row in cursor:
            batch.append(row)
            if len(batch) == _BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    def _rows(self, statement: str, *bindings: Any) -> list[Any]:
        return self._connection.execute(statement, bindings).fetchall()


class Target:
    """A PostgreSQL database that is being filled, and is no database of a backend before it is."""

    def __init__(self, connection: Any, shown: str) -> None:
        self._connection = connection
        self._shown = shown

    async def begin(self, source: Source) -> None:
        """Prepare an empty database, or make sure that one goes on where it ended.

        Raises:
            DefinitionError: the database is in use, or what was copied before is out of date.
        """
        schema = await self._connection.fetchval("SELECT current_schema()")
        if not await self._connection.fetchval(
            "SELECT pg_try_advisory_lock($1)", lock_key(schema, "deploy")
        ):
            raise DefinitionError(f"another process migrates to {self._shown}, or deploys there")
        names = [name for (name,) in await self._connection.fetch(RELATIONS)]
        if not names:
            await self._prepare(source)
        elif "_convexity_meta" not in names:
            raise DefinitionError(
                f"{self._shown} holds tables of another program ({', '.join(names[:3])}); name an "
                "empty one"
            )
        elif await self._meta("storage_format") != UNFINISHED:
            raise DefinitionError(
                f"{self._shown} is the database of a backend already; name an empty one"
            )
        elif await self._meta("source") != str(source.timestamp):
            raise DefinitionError(
                "the SQLite database was written to since the migration began. Empty the database "
                f"{self._shown} (DROP SCHEMA {schema} CASCADE; CREATE SCHEMA {schema}), then "
                "migrate again"
            )

    async def _prepare(self, source: Source) -> None:
        script = (files("convexity.database.postgres") / "system.sql").read_text(encoding="utf-8")
        async with self._connection.transaction():
            await self._connection.execute(script)
            await self._connection.execute(
                'CREATE TABLE "_convexity_migration" '
                "(storage TEXT PRIMARY KEY, last BIGINT NOT NULL)"
            )
            for table in source.copied():
                if table.columns is _DOCUMENT:
                    await self._connection.execute(document_table(table.storage))
            await self._connection.executemany(
                'INSERT INTO "_convexity_meta" (key, value) VALUES ($1, $2)',
                [("storage_format", UNFINISHED), ("source", str(source.timestamp))],
            )

    async def _meta(self, key: str) -> str | None:
        value: str | None = await self._connection.fetchval(
            'SELECT value FROM "_convexity_meta" WHERE key = $1', key
        )
        return value

    async def last(self, table: _Copied) -> int:
        """Up to where the rows of a table are copied."""
        last: int | None = await self._connection.fetchval(
            'SELECT last FROM "_convexity_migration" WHERE storage = $1', table.storage
        )
        return 0 if last is None else last

    async def count(self, table: _Copied) -> int:
        """Number of rows that are copied."""
        count: int = await self._connection.fetchval(
            f"SELECT count(*) FROM {quoted(table.storage)}"
        )
        return count

    async def store(self, table: _Copied, rows: list[tuple[Any, ...]]) -> None:
        """Store further rows, all of them or none."""
        async with self._connection.transaction():
            await self._connection.copy_records_to_table(
                table.storage, records=rows, columns=table.columns
            )
            await self._connection.execute(
                'INSERT INTO "_convexity_migration" (storage, last) VALUES ($1, $2) '
                "ON CONFLICT (storage) DO UPDATE SET last = excluded.last",
                table.storage,
                rows[-1][0],
            )

    async def digest(self, table: _Copied, progress: Progress) -> str:
        """Digest of all rows of a table, in order."""
        columns = ", ".join(map(quoted, table.columns))
        found = hashlib.blake2b()
        async with self._connection.transaction(readonly=True):
            rows = self._connection.cursor(
                f"SELECT {columns} FROM {quoted(table.storage)} "
                f"ORDER BY {quoted(table.columns[0])}",
                prefetch=_BATCH,
            )
            count = 0
            async for row in rows:
                found.update(repr(tuple(row)).encode())
                count += 1
                if count % _BATCH == 0:
                    progress(_BATCH)
        progress(count % _BATCH)
        return found.hexdigest()

    async def finish(self, source: Source) -> None:
        """Make it the database of a backend."""
        async with self._connection.transaction():
            await self._connection.execute('DELETE FROM "_convexity_meta"')
            await self._connection.executemany(
                'INSERT INTO "_convexity_meta" (key, value) VALUES ($1, $2)',
                [*source.meta, ("storage_format", str(STORAGE_FORMAT))],
            )
            await self._connection.executemany(
                'INSERT INTO "_convexity_tables" (name, number, storage, validator, in_schema) '
                "VALUES ($1, $2, $3, $4, $5)",
                source.tables,
            )
            await self._connection.execute(
                'INSERT INTO "_convexity_commits" '
                '("timestamp", previous, position, origin, writes) VALUES ($1, 0, $2, $3, NULL)',
                source.timestamp,
                source.last_position(),
                os.urandom(8),
            )
            await self._connection.execute('DROP TABLE "_convexity_migration"')


async def migrate(
    path: Path, address: PostgresAddress, progress_of: Callable[[int], Progress]
) -> Migrated:
    """Copy a SQLite database into an empty PostgreSQL database.

    Every row is copied, then read back and compared. If it is interrupted, the same call goes on;
    a backend does not start on a database that is not complete.

    Args:
        path: File of the SQLite database, which nobody can write to meanwhile.
        address: Of the PostgreSQL database.
        progress_of: Told how many rows there are to do, each counted when it is copied and when it
            is compared; the result is told of those that are done.

    Raises:
        DefinitionError: one of the databases cannot be used; nothing was changed.
        OverloadedError: a process writes to the SQLite database, or the server cannot be reached.
    """
    with closing(Source(path)) as source:
        connection = await connect(address, statement_timeout="0")
        try:
            check_server(connection, address)
            return await _copy(source, Target(connection, address.shown), progress_of)
        finally:
            connection.terminate()


async def _copy(source: Source, target: Target, progress_of: Callable[[int], Progress]) -> Migrated:
    await target.begin(source)
    tables = source.copied()
    counts = {table.storage: source.count(table) for table in tables}
    progress = progress_of(2 * sum(counts.values()))
    resumed = 0
    for table in tables:
        before = await target.count(table)
        progress(before)
        if table is not _ANSWERS:
            resumed += before
        for rows in source.batches(table, await target.last(table)):
            await target.store(table, rows)
            progress(len(rows))
    for table in tables:
        expected = hashlib.blake2b()
        for rows in source.batches(table, 0):
            for row in rows:
                expected.update(repr(row).encode())
        if await target.digest(table, progress) != expected.hexdigest():
            raise DefinitionError(
                f"what was copied of {table.storage} is not what is in the source; empty the "
                "PostgreSQL database and migrate again"
            )
    await target.finish(source)
    documents = sum(counts[table.storage] for table in tables if table is not _ANSWERS)
    return Migrated(tables=len(tables) - 1, documents=documents, resumed=resumed)
