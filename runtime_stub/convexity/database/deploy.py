"""Deploying a schema: everything in one transaction, or nothing."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

from convexity.database.catalog import Catalog
from convexity.database.deploy_store import DeployStore
from convexity.database.engine import Deployment
from convexity.database.existing import process_existing
from convexity.database.identifiers import quoted
from convexity.database.mismatches import Mismatches
from convexity.database.registry import (
    Registry,
    StoredIndex,
    StoredTable,
    schemas_digest,
    stored_indexes,
    validator_text,
)
from convexity.database.system_tables import system_tables
from convexity.database.tables import Schema, Table
from convexity.errors import DefinitionError
from convexity.values.ids import (
    COMPONENT_TABLE_BLOCK,
    FIRST_COMPONENT_TABLE_NUMBER,
    FIRST_USER_TABLE_NUMBER,
    SYSTEM_TABLE_NUMBERS,
)


def deploy(store: DeployStore, schemas: Mapping[str, Schema], report: Path) -> Deployment:
    """Deploy the schemas; the caller commits, or undoes everything when this raises.

    Args:
        store: Inside a transaction that no other deployment can run beside.
        schemas: That of the application under the empty path, those of components under theirs.
        report: File that is to list the documents that do not match.

    Raises:
        SchemaMismatchError: existing documents do not match.
        DefinitionError: the schema brings no SQL for the database.
    """
    return _Deploying(store, schemas, report).run()


class _Deploying:
    """One deployment, inside its transaction."""

    def __init__(self, store: DeployStore, schemas: Mapping[str, Schema], report: Path) -> None:
        if any(store.dialect not in schema.ddl for schema in schemas.values()):
            raise DefinitionError(
                f"the schema has no SQL script for {store.product}; build the backend again"
            )
        self._store = store
        self._report = report
        self._schemas = schemas
        self._registry = Registry(store)
        self._tables = [
            table
            for component, schema in schemas.items()
            for table in (*schema.tables, *system_tables(component))
        ]
        storages = (table for table in self._tables if table.is_system)
        self._table_scripts = [
            *(statement for table in storages for statement in store.table_storage(table)),
            *(schema.ddl[store.dialect] for schema in schemas.values()),
        ]

    def run(self) -> Deployment:
        scripts = (self._store.system_script, *self._table_scripts)
        digest = schemas_digest(self._schemas, self._tables, scripts)
        if self._registry.digest() == digest:
            return Deployment(catalogs=self._catalogs(), secret=self._registry.secret())
        self._store.run_script(self._store.system_script)
        self._store.prepare(self._tables)
        before = self._registry.tables()
        self._move_storages(before)
        removed, to_build = self._compare_indexes()
        self._drop(removed)
        # One message to a server, and one answer.
        self._store.run_script(";\n".join(self._table_scripts))
        self._register(before)
        catalogs = self._catalogs()
        validated = self._process_documents(catalogs, before, to_build)
        self._registry.set_digest(digest)
        in_schema = {table.qualified_name for table in self._tables}
        declared = [table for table in self._tables if not table.is_system]
        return Deployment(
            catalogs=catalogs,
            secret=self._registry.secret(),
            added_tables=tuple(
                table.qualified_name
                for table in declared
                if table.qualified_name not in before or not before[table.qualified_name].in_schema
            ),
            removed_tables=tuple(
                table.name
                for table in before.values()
                if table.in_schema and table.name not in in_schema
            ),
            built_indexes=tuple(
                f"{table.qualified_name}.{index}"
                for table in declared
                for index in to_build[table.qualified_name]
            ),
            removed_indexes=tuple(f"{index.table}.{index.name}" for index in removed),
            validated_tables=validated,
        )

    def _catalogs(self) -> dict[str, Catalog]:
        stored, secret = self._registry.tables(), self._registry.secret()
        return {
            component: Catalog(
                schema,
                system_tables(component),
                {
                    table.name: stored[table.qualified_name].number
                    for table in self._tables
                    if table.component == component
                },
                secret=_component_secret(secret, component),
            )
            for component, schema in self._schemas.items()
        }

    def _move_storages(self, before: dict[str, StoredTable]) -> None:
        """Rename document tables whose name changed, or is needed by another table now.

        A removed table keeps its documents; a new table whose name differs only in case must not
        find them. Names are exchanged through intermediate ones.
        """
        wanted = {table.qualified_name: table.storage for table in self._tables}
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
        self._registry.put_tables(
            replace(before[name], storage=target) for name, (_, target) in moves.items()
        )

    def _rename(self, old: str, new: str) -> None:
        self._store.run_script(f"ALTER TABLE {quoted(old)} RENAME TO {quoted(new)}")

    def _register(self, before: dict[str, StoredTable]) -> None:
        """Give every table its number; what a number meant once, it means for ever."""
        taken = {stored.number for stored in before.values()}
        free = max([FIRST_USER_TABLE_NUMBER, *(stored.number + 1 for stored in before.values())])
        tables: list[StoredTable] = []
        for table in self._tables:
            name = table.qualified_name
            stored = before.get(name)
            if stored is not None:
                number, validator = stored.number, stored.validator
            elif name in SYSTEM_TABLE_NUMBERS:
                number, validator = SYSTEM_TABLE_NUMBERS[name], None
            elif table.is_system:
                number, validator = _free_system_number(table.name, taken), None
                taken.add(number)
            else:
                number, validator = free, None
                free += 1
            tables.append(StoredTable(name, number, table.storage, validator, in_schema=True))
        names = {table.qualified_name for table in self._tables}
        for name, stored in self._registry.tables().items():
            if name not in names:
                tables.append(replace(stored, in_schema=False))
        self._registry.put_tables(tables)

    def _compare_indexes(self) -> tuple[list[StoredIndex], dict[str, list[str]]]:
        """Complete indexes that are not wanted (so), and names of those that are not complete."""
        complete = self._registry.indexes()
        by_table = {table.qualified_name: stored_indexes(table) for table in self._tables}
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
            for storage in self._store.index_tables(index.storage):
                self._store.run_script(f"DROP TABLE IF EXISTS {quoted(storage)}")

    def _process_documents(
        self,
        catalogs: Mapping[str, Catalog],
        before: dict[str, StoredTable],
        to_build: dict[str, list[str]],
    ) -> tuple[str, ...]:
        """Check and index existing documents; the answer names the tables that were checked."""
        mismatches = Mismatches()
        validated: list[str] = []
        tables: list[StoredTable] = []
        built: list[StoredIndex] = []
        for table in self._tables:
            name, catalog = table.qualified_name, catalogs[table.component]
            expected = self._expected_validator(table)
            stored = before.get(name)
            check = expected is not None and stored is not None and stored.validator != expected
            if check:
                validated.append(name)
            if check or (stored is not None and to_build[name]):
                process_existing(
                    self._store,
                    catalog.table(table.name),
                    check=check,
                    indexes=to_build[name],
                    mismatches=mismatches,
                )
            built += [i for i in stored_indexes(table) if i.name in to_build[name]]
            number = catalog.table_numbers[table.name]
            tables.append(StoredTable(name, number, table.storage, expected, in_schema=True))
        mismatches.refuse(self._report)
        self._registry.put_indexes(built)
        self._registry.put_tables(tables)
        return tuple(validated)

    def _expected_validator(self, table: Table) -> str | None:
        if table.is_system or self._schemas[table.component].schema_validation:
            return validator_text(table)
        return None


def _free_system_number(name: str, taken: Collection[int]) -> int:
    """A number for a system table of a component, that only tables of its kind ever have."""
    kind = list(SYSTEM_TABLE_NUMBERS).index(name)
    numbers = itertools.count(FIRST_COMPONENT_TABLE_NUMBER + kind, COMPONENT_TABLE_BLOCK)
    return next(number for number in numbers if number not in taken)


def _component_secret(secret: bytes, component: str) -> bytes:
    """A secret of its own, so that cursors of one component mean nothing in another."""
    return blake2b(component.encode(), key=secret).digest() if component else secret
