"""Deploying a schema to a PostgreSQL database."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Collection, Coroutine, Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import asyncpg  # type: ignore[import-untyped]

from convexity.database.deploy import deploy
from convexity.database.identifiers import quoted
from convexity.database.postgres.connection import (
    LOST,
    check_server,
    check_session,
    connect,
    lock_key,
)
from convexity.database.postgres.snapshot import split_key
from convexity.database.postgres.statements import (
    RELATIONS,
    SCHEMA_DIGEST,
    TIMESTAMP,
    VIEWS,
    table_storage,
)
from convexity.database.postgres.text_search import text_terms
from convexity.database.postgres.vector_search import register, vector_statements
from convexity.errors import DefinitionError, OverloadedError
from convexity.values.storage_names import view_name

if TYPE_CHECKING:
    from convexity.database.catalog import CatalogTable
    from convexity.database.deploy_store import Fill, Value
    from convexity.database.engine import Deployment
    from convexity.database.postgres.address import PostgresAddress
    from convexity.database.postgres.connection import Connection
    from convexity.database.tables import Index, Schema, Table
    from convexity.database.text_index import TextIndex
    from convexity.database.vector_index import VectorEntries

T = TypeVar("T")

_LOCK_TIMEOUT: Final = 600
"""Seconds to wait for the deployment of another process, which may build large indexes."""
_BATCH: Final = 1000
"""Documents that are read, and entries that are stored, at once."""
STORAGE_FORMAT: Final = 1
"""Number of the layout of tables in the database; a change of the layout raises it."""
UNFINISHED: Final = "migrating"
"""In place of the number, as long as not everything is copied from another database."""


class Deployed(NamedTuple):
    """A deployment to a server."""

    deployment: Deployment
    sql_schema: str
    """Name of the SQL schema that holds everything."""
    newest: int
    """Time of the newest commit."""
    digest: str
    """Of the schemas."""


async def deploy_to_server(
    address: PostgresAddress, schemas: Mapping[str, Schema], report: Path
) -> Deployed:
    """Deploy the schemas.

    Commits of other processes wait meanwhile.

    Raises:
        SchemaMismatchError: existing documents do not match; nothing was changed.
        DefinitionError: the database cannot be used.
        OverloadedError: another process keeps the database locked, or it cannot be reached.
    """
    connection = await connect(
        address,
        lock_timeout=f"{_LOCK_TIMEOUT}s",
        statement_timeout="0",
        client_min_messages="error",
    )
    try:
        check_server(connection, address)
        await check_session(connection, address)
        schema = await connection.fetchval("SELECT current_schema()")
        if schema is None:
            raise DefinitionError(
                f"no SQL schema of {address.shown} is in the search_path of the user; create one "
                'with: CREATE SCHEMA name, and add "search_path=name" to DATABASE_URL'
            )
        async with connection.transaction():
            keys = (lock_key(schema, purpose) for purpose in ("deploy", "commit"))
            await connection.execute(
                "; ".join(f"SELECT pg_advisory_xact_lock({key})" for key in keys)
            )
            store = PostgresDeployStore(connection, schema, asyncio.get_running_loop())
            deployment = await asyncio.to_thread(deploy, store, schemas, report)
            state = f"SELECT ({TIMESTAMP}), ({SCHEMA_DIGEST})"
            timestamp, digest = await connection.fetchrow(state)
        await asyncio.to_thread(report.unlink, missing_ok=True)
    except asyncpg.LockNotAvailableError as error:
        raise OverloadedError(
            f"another process has locked the database for {_LOCK_TIMEOUT} s; stop it, or let it "
            "finish its deployment, and start again"
        ) from error
    except asyncpg.InsufficientPrivilegeError as error:
        raise DefinitionError(
            f"the user of DATABASE_URL may not do what a deployment needs: {error}. Let it own the "
            f"SQL schema: GRANT ALL ON SCHEMA {schema} TO name"
        ) from error
    except LOST as error:
        raise OverloadedError(f"the connection to the database was lost: {error}") from error
    except asyncpg.PostgresError as error:
        raise DefinitionError(
            f"the schema cannot be deployed to {address.shown}, and nothing was changed: {error}"
        ) from error
    finally:
        connection.terminate()
    return Deployed(deployment, schema, timestamp, digest)


class PostgresDeployStore:
    """Implements :class:`~convexity.database.deploy_store.DeployStore`, for use in a thread."""

    dialect = "postgres"
    product = "PostgreSQL"

    def __init__(
        self, connection: Connection, schema: str, loop: asyncio.AbstractEventLoop
    ) -> None:
        """Take a connection inside a transaction, its SQL schema, and the loop it belongs to."""
        self._connection = connection
        self._schema = schema
        self._loop = loop
        self._filling: list[_Filling] = []
        self.system_script = (files(__package__) / "system.sql").read_text(encoding="utf-8")

    def execute(self, statement: str, /, *bindings: Value) -> list[Any]:
        """Run a statement; rows that it finds."""
        return list(self._wait(self._connection.fetch(_numbered(statement), *bindings)))

    def execute_many(self, statement: str, rows: Sequence[Sequence[Value]], /) -> None:
        """Run a statement for each row of bindings."""
        self._wait(self._connection.executemany(_numbered(statement), rows))

    def run_script(self, script: str, /) -> None:
        """Run statements without bindings."""
        lines = map(str.strip, script.splitlines())
        if all(not line or line.startswith("--") for line in lines):
            return  # asyncpg stumbles over a script without statements
        self._wait(self._connection.execute(script))

    def is_new(self) -> bool:
        """Whether nothing was ever deployed.

        Raises:
            DefinitionError: another version of the runtime, or another program, wrote the database.
        """
        names = [name for (name,) in self.execute(RELATIONS)]
        if "_convexity_meta" not in names:
            if names:
                # What a view of ours replaces, or a table of ours is taken for, would be lost.
                raise DefinitionError(
                    f"the SQL schema {self._schema} of the database holds tables of another "
                    f"program ({', '.join(names[:3])}). Nothing was changed: name an empty "
                    "database in DATABASE_URL, or an SQL schema of its own, by CREATE SCHEMA app "
                    'and "search_path=app,public" in the address'
                )
            return True
        rows = self.execute("SELECT value FROM \"_convexity_meta\" WHERE key = 'storage_format'")
        found = rows[0][0] if rows else "0"
        if found == UNFINISHED:
            raise DefinitionError(
                "a migration to this database is not finished; run `convexity migrate` again"
            )
        if found != str(STORAGE_FORMAT):
            raise DefinitionError(
                f"the database was written by another version of convexity, in storage format "
                f"{found}; this one reads and writes format {STORAGE_FORMAT}. Nothing was changed: "
                "name another database in DATABASE_URL, or run what wrote this one"
            )
        return False

    def prepare(self, tables: Iterable[Table], /) -> None:
        """Provide the extension for vectors, and take away views, which scripts make anew."""
        self.execute(
            "INSERT INTO \"_convexity_meta\" (key, value) VALUES ('storage_format', ?) "
            "ON CONFLICT DO NOTHING",
            str(STORAGE_FORMAT),
        )
        if any(table.vector_indexes for table in tables):
            self._provide_vectors()
            self._wait(register(self._connection))
        names = {view_name(table.name, table.component) for table in tables}
        views = [
            f"{quoted(schema)}.{quoted(view)}"
            for schema, view in self.execute(VIEWS)
            if view in names
        ]
        if views:
            self.run_script(f"DROP VIEW {', '.join(views)}")

    def _provide_vectors(self) -> None:
        found = self.execute(
            "SELECT nspname, nspname = ANY (current_schemas(false)) FROM pg_extension "
            "JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'vector'"
        )
        if not found:
            # Not in a schema of our own, where other applications of the database do not see it.
            shared = self.execute("SELECT 1 WHERE 'public' = ANY (current_schemas(false))")
            try:
                self.run_script(f"CREATE EXTENSION vector{' SCHEMA public' if shared else ''}")
            except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                first_line, _, _ = str(error).partition("\n")
                raise DefinitionError(
                    "the schema has vector indexes, for which PostgreSQL needs the extension "
                    f"pgvector, and that cannot be created: {first_line}. Install it on the server "
                    "(https://github.com/pgvector/pgvector), and have an administrator run: "
                    "CREATE EXTENSION vector"
                ) from error
        elif not found[0][1]:
            name = found[0][0]
            raise DefinitionError(
                f"the schema has vector indexes, and pgvector lies in the SQL schema {name}, which "
                "is not in the search_path of DATABASE_URL; add it there, as in "
                f"search_path=app,{name}, or have an administrator run: "
                "ALTER EXTENSION vector SET SCHEMA public"
            )

    def table_storage(self, table: Table, /) -> list[str]:
        """Statements that create the storage of a system table."""
        return table_storage(table)

    def index_tables(self, storage: str, /) -> list[str]:
        """Every index has one table."""
        return [storage]

    def documents(self, table: Table, /) -> Iterator[tuple[int, str, str]]:
        """Position, id and text of all documents of a table, in order of positions."""
        position = 0
        while True:
            rows = self.execute(
                f'SELECT position, "_id", doc FROM {quoted(table.storage)} WHERE position > ? '
                "ORDER BY position LIMIT ?",
                position,
                _BATCH,
            )
            yield from rows
            if len(rows) < _BATCH:
                return
            position = rows[-1][0]

    def fills(self, table: CatalogTable, names: Collection[str], /) -> list[Fill]:
        """What fills the indexes of those names, which are empty."""
        self._filling = [
            *(_Range(self, index) for index in table.table.indexes if index.name in names),
            *(_Text(self, i) for i in table.text_indexes.values() if i.name in names),
            *(_Vector(self, i, table) for i in table.vector_indexes.values() if i.name in names),
        ]
        return [filling.fill for filling in self._filling]

    def finish_fills(self) -> None:
        """Store what the fills still keep."""
        for filling in self._filling:
            filling.store()
        self._filling = []

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def _numbered(statement: str) -> str:
    """A statement with ``$1`` and so on for each ``?``."""
    first, *others = statement.split("?")
    return first + "".join(f"${number}{part}" for number, part in enumerate(others, 1))


class _Filling(ABC):
    """Entries of one index that are stored together."""

    def __init__(self, store: PostgresDeployStore, statement: str) -> None:
        self._store = store
        self._statement = statement
        self._rows: list[tuple[Any, ...]] = []

    @abstractmethod
    def fill(self, position: int, document: Mapping[str, Any]) -> None:
        """Keep the entry of a document."""

    def add(self, *row: Any) -> None:
        """Keep a row."""
        self._rows.append(row)
        if len(self._rows) == _BATCH:
            self.store()

    def store(self) -> None:
        """Store what is kept."""
        if self._rows:
            self._store.execute_many(self._statement, self._rows)
            self._rows = []


class _Range(_Filling):
    def __init__(self, store: PostgresDeployStore, index: Index) -> None:
        name = quoted(index.storage)
        super().__init__(store, f"INSERT INTO {name} (key, tail, position) VALUES (?, ?, ?)")
        self._index = index

    def fill(self, position: int, document: Mapping[str, Any]) -> None:
        self.add(*split_key(self._index.key(document)), position)


class _Text(_Filling):
    def __init__(self, store: PostgresDeployStore, index: TextIndex) -> None:
        super().__init__(
            store,
            f"INSERT INTO {quoted(index.index.storage)} (position, words, terms) "
            "VALUES (?, ?, ?::text::tsvector)",
        )
        self._index = index

    def fill(self, position: int, document: Mapping[str, Any]) -> None:
        entry = self._index.entry(document)
        if entry is not None:
            self.add(position, entry.words, text_terms(entry))


class _Vector(_Filling):
    def __init__(
        self, store: PostgresDeployStore, index: VectorEntries, table: CatalogTable
    ) -> None:
        storage = index.index.storage
        filters = len(index.index.filter_fields)
        columns = vector_statements(storage, table.table.storage, filters).columns
        places = ", ".join("?" * len(columns))
        super().__init__(
            store, f"INSERT INTO {quoted(storage)} ({', '.join(columns)}) VALUES ({places})"
        )
        self._index = index

    def fill(self, position: int, document: Mapping[str, Any]) -> None:
        entry = self._index.entry(document)
        if entry is not None:
            self.add(position, entry.vector, *entry.filters)
