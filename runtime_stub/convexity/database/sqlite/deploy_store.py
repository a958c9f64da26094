"""Deploying a schema to a database file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import apsw

from convexity.database.deploy import deploy
from convexity.database.identifiers import quoted
from convexity.database.sqlite.connection import STORAGE_FORMAT, check_format
from convexity.database.sqlite.statements import document_storage, index_statements
from convexity.database.sqlite.text_search import text_row, text_statements
from convexity.database.sqlite.vector_search import change, filtered_storage, vector_statements
from convexity.errors import OverloadedError

if TYPE_CHECKING:
    from convexity.database.catalog import CatalogTable
    from convexity.database.deploy_store import Fill, Value
    from convexity.database.engine import Deployment
    from convexity.database.tables import Index, Schema, Table
    from convexity.database.text_index import TextIndex
    from convexity.database.vector_index import VectorEntries

_LOCK_TIMEOUT: Final = 600
"""Seconds to wait for the deployment of another process, which may build large indexes."""


def deploy_to_file(connection: apsw.Connection, schemas: Mapping[str, Schema]) -> Deployment:
    """Deploy the schemas; the connection must be outside a transaction and ends so.

    The write lock is taken first, so that of several processes that start at once one deploys and
    the others find it done.

    Raises:
        SchemaMismatchError: existing documents do not match; nothing was changed.
        DefinitionError: the schema brings no SQL for SQLite, or the file is not ours to change.
        OverloadedError: another process keeps the database locked.
    """
    database = Path(connection.filename)
    report = database.with_name(f"{database.name}-mismatches.txt")
    connection.set_busy_timeout(_LOCK_TIMEOUT * 1000)
    try:
        connection.execute("BEGIN IMMEDIATE")
    except apsw.BusyError as error:
        raise OverloadedError(
            f"another process has locked the database for {_LOCK_TIMEOUT} s; stop it, or let it "
            "finish its deployment, and start again"
        ) from error
    try:
        check_format(connection)
        connection.pragma("user_version", STORAGE_FORMAT)
        deployment = deploy(SqliteDeployStore(connection), schemas, report)
        connection.execute("COMMIT")
        report.unlink(missing_ok=True)
    except BaseException:
        if not connection.get_autocommit():
            connection.execute("ROLLBACK")
        raise
    return deployment


class SqliteDeployStore:
    """Implements :class:`~convexity.database.deploy_store.DeployStore`."""

    dialect = "sqlite"
    product = "SQLite"

    def __init__(self, connection: apsw.Connection) -> None:
        """Take a connection inside a transaction."""
        self._connection = connection
        self.system_script = (files(__package__) / "system.sql").read_text(encoding="utf-8")

    def execute(self, statement: str, /, *bindings: Value) -> list[Any]:
        """Run a statement; rows that it finds."""
        return self._connection.execute(statement, bindings).fetchall()

    def execute_many(self, statement: str, rows: Sequence[Sequence[Value]], /) -> None:
        """Run a statement for each row of bindings."""
        self._connection.executemany(statement, rows)

    def run_script(self, script: str, /) -> None:
        """Run statements without bindings."""
        self._connection.execute(script)

    def is_new(self) -> bool:
        """Whether nothing was ever deployed."""
        return not self.execute("SELECT 1 FROM sqlite_schema WHERE name = '_convexity_meta'")

    def prepare(self, _tables: Iterable[Table], /) -> None:
        """Nothing is needed: extensions come with the connection."""

    def table_storage(self, table: Table, /) -> list[str]:
        """Statements that create the storage of a system table."""
        return document_storage(table)

    def index_tables(self, storage: str, /) -> list[str]:
        """A vector index may have a second table."""
        return [storage, filtered_storage(storage)]

    def documents(self, table: Table, /) -> Iterable[tuple[int, str, str]]:
        """Position, id and text of all documents of a table, in order of positions."""
        rows: Any = self._connection.execute(
            f"SELECT position, _id, doc FROM {quoted(table.storage)} ORDER BY position"
        )
        return rows  # type: ignore[no-any-return]

    def fills(self, table: CatalogTable, names: Collection[str], /) -> list[Fill]:
        """What fills the indexes of those names, which are empty."""
        cursor = self._connection.cursor()
        return [
            *(_range(cursor, i, table) for i in table.table.indexes if i.name in names),
            *(_text(cursor, i) for i in table.text_indexes.values() if i.name in names),
            *(_vector(cursor, i, table) for i in table.vector_indexes.values() if i.name in names),
        ]

    def finish_fills(self) -> None:
        """Everything is stored at once."""


def _range(cursor: apsw.Cursor, index: Index, table: CatalogTable) -> Fill:
    insert = index_statements(index.storage, table.table.storage).insert

    def fill(position: int, document: Mapping[str, Any]) -> None:
        cursor.execute(insert, (index.key(document), position))

    return fill


def _text(cursor: apsw.Cursor, index: TextIndex) -> Fill:
    insert = text_statements(index.index.storage).insert

    def fill(position: int, document: Mapping[str, Any]) -> None:
        entry = index.entry(document)
        if entry is not None:
            cursor.execute(insert, text_row(position, entry))

    return fill


def _vector(cursor: apsw.Cursor, index: VectorEntries, table: CatalogTable) -> Fill:
    filters = len(index.index.filter_fields)
    statements = vector_statements(index.index.storage, table.table.storage, filters)

    def execute(statement: str, *bindings: int | bytes) -> None:
        cursor.execute(statement, bindings)

    def fill(position: int, document: Mapping[str, Any]) -> None:
        entry = index.entry(document)
        if entry is not None:
            change(execute, statements, position, None, entry)

    return fill
