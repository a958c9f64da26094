"""Deploying a schema to a database file: everything in one transaction, or nothing."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Final

import apsw

from convexity.database.catalog import Catalog
from convexity.database.engine import Deployment
from convexity.database.sqlite.connection import STORAGE_FORMAT, check_format
from convexity.database.sqlite.existing import process_existing
from convexity.database.sqlite.identifiers import quoted
from convexity.database.sqlite.mismatches import Mismatches
from convexity.database.sqlite.registry import (
    Registry,
    StoredIndex,
    StoredTable,
    schema_digest,
    stored_indexes,
    validator_text,
)
from convexity.database.system_tables import SYSTEM_TABLES
from convexity.database.tables import Schema, Table
from convexity.errors import DefinitionError, OverloadedError
from convexity.values.ids import FIRST_USER_TABLE_NUMBER, SYSTEM_TABLE_NUMBERS

_SYSTEM_SCRIPT: Final = "system.sql"

_LOCK_TIMEOUT: Final = 600
"""Seconds to wait for the deployment of another process, which may build large indexes."""


def deploy(connection: apsw.Connection, schema: Schema) -> Deployment:
    """Deploy ``schema``; the connection must be outside a transaction and ends so.

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
        deployment = _Deploying(connection, schema, report).run()
        connection.execute("COMMIT")
        report.unlink(missing_ok=True)
    except BaseException:
        if not connection.get_autocommit():
            connection.execute("ROLLBACK")
        raise
    return deployment


class _Deploying:
    """One deployment, inside its transaction."""

    def __init__(self, connection: apsw.Connection, schema: Schema, report: Path) -> None:
        if "sqlite" not in schema.ddl:
            raise DefinitionError(
                "the schema has no SQL script for SQLite; build the backend again"
            )
        self._connection = connection
        self._report = report
        self._schema = schema
        self._registry = Registry(connection)
        self._tables = (*schema.tables, *SYSTEM_TABLES)
        self._system_script = (files(__package__) / _SYSTEM_SCRIPT).read_text(encoding="utf-8")

    def run(self) -> Deployment:
        scripts = (self._system_script, self._schema.ddl["sqlite"])
        digest = schema_digest(self._schema, self._tables, scripts)
        if self._registry.digest() == digest:
            return Deployment(catalog=self._catalog())
        self._connection.execute(self._system_script)
        before = self._registry.tables()
        self._move_storages(before)
        removed, to_build = self._compare_indexes()
        self._drop(removed)
        self._connection.execute(self._schema.ddl["sqlite"])
        self._register(before)
        catalog = self._catalog()
        validated = self._process_documents(catalog, before, to_build)
        self._registry.set_digest(digest)
        in_schema = {table.name for table in self._tables}
        return Deployment(
            catalog=catalog,
            added_tables=tuple(
                table.name
                for table in self._schema.tables
                if table.name not in before or not before[table.name].in_schema
            ),
            removed_tables=tuple(
                table.name
                for table in before.values()
                if table.in_schema and table.name not in in_schema
            ),
            built_indexes=tuple(
                f"{table.name}.{index}"
                for table in self._schema.tables
                for index in to_build[table.name]
            ),
            removed_indexes=tuple(f"{index.table}.{index.name}" for index in removed),
            validated_tables=validated,
        )

    def _catalog(self) -> Catalog:
        numbers = {
            name: stored.number
            for name, stored in self._registry.tables().items()
            if stored.in_schema
        }
        return Catalog(self._schema, SYSTEM_TABLES, numbers, secret=self._registry.secret())

    def _move_storages(self, before: dict[str, StoredTable]) -> None:
        """Rename document tables whose name changed, or is needed by another table now.

        A removed table keeps its documents; a new table whose name differs only in case must not
        find them. Names are exchanged through intermediate ones.
        """
        wanted = {table.name: table.storage for table in self._tables}
        taken = {storage.lower() for storage in wanted.values()}
        moves: dict[str, tuple[str, str]] = {}
        for name, stored in before.items():
            target = wanted.get(name, stored.storage)
            if name not in wanted and target.lower() in taken:
                target = f"_convexity_removed_{stored.number}"
            if target != stored.storage:
                moves[name] = (stored.storage, target)
        for name, (storage, _) in moves.items():
            self._rename(storage, f"_convexity_moving_{before[name].number}")
        for name, (_, target) in moves.items():
            self._rename(f"_convexity_moving_{before[name].number}", target)
            self._registry.put_table(replace(before[name], storage=target))

    def _rename(self, old: str, new: str) -> None:
        self._connection.execute(f"ALTER TABLE {quoted(old)} RENAME TO {quoted(new)}")

    def _register(self, before: dict[str, StoredTable]) -> None:
        """Give every table its number; what a number meant once, it means for ever."""
        free = max([FIRST_USER_TABLE_NUMBER, *(stored.number + 1 for stored in before.values())])
        for table in self._tables:
            stored = before.get(table.name)
            if stored is not None:
                number, validator = stored.number, stored.validator
            elif table.name in SYSTEM_TABLE_NUMBERS:
                number, validator = SYSTEM_TABLE_NUMBERS[table.name], None
            else:
                number, validator = free, None
                free += 1
            self._registry.put_table(
                StoredTable(table.name, number, table.storage, validator, in_schema=True)
            )
        names = {table.name for table in self._tables}
        for name, stored in self._registry.tables().items():
            if name not in names:
                self._registry.put_table(replace(stored, in_schema=False))

    def _compare_indexes(self) -> tuple[list[StoredIndex], dict[str, list[str]]]:
        """Complete indexes that are not wanted (so), and names of those that are not complete."""
        complete = self._registry.indexes()
        by_table = {table.name: stored_indexes(table) for table in self._tables}
        wanted = {(i.table, i.name): i for indexes in by_table.values() for i in indexes}
        removed = [index for key, index in complete.items() if wanted.get(key) != index]
        to_build = {
            table: [i.name for i in indexes if complete.get((i.table, i.name)) != i]
            for table, indexes in by_table.items()
        }
        return removed, to_build

    def _drop(self, removed: list[StoredIndex]) -> None:
        for index in removed:
            self._registry.delete_index(index)
            self._connection.execute(f"DROP TABLE IF EXISTS {quoted(index.storage)}")

    def _process_documents(
        self, catalog: Catalog, before: dict[str, StoredTable], to_build: dict[str, list[str]]
    ) -> tuple[str, ...]:
        """Check and index existing documents; the answer names the tables that were checked."""
        mismatches = Mismatches()
        validated: list[str] = []
        for table in self._tables:
            expected = self._expected_validator(table)
            stored = before.get(table.name)
            check = expected is not None and stored is not None and stored.validator != expected
            if check:
                validated.append(table.name)
            if check or (stored is not None and to_build[table.name]):
                process_existing(
                    self._connection,
                    catalog.table(table.name),
                    check=check,
                    indexes=to_build[table.name],
                    mismatches=mismatches,
                )
            for index in stored_indexes(table):
                if index.name in to_build[table.name]:
                    self._registry.put_index(index)
            number = catalog.table_numbers[table.name]
            self._registry.put_table(
                StoredTable(table.name, number, table.storage, expected, in_schema=True)
            )
        mismatches.refuse(self._report)
        return tuple(validated)

    def _expected_validator(self, table: Table) -> str | None:
        if self._schema.schema_validation or table.name in SYSTEM_TABLE_NUMBERS:
            return validator_text(table)
        return None
