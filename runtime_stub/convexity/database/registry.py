"""What the database knows of the schema that was deployed last."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from convexity.database.deploy_store import DeployStore, Value
from convexity.database.tables import Index, Schema, SearchIndex, Table, VectorIndex
from convexity.search.words import VERSION as WORDS_VERSION
from convexity.values.json_form import validator_to_json

_SECRET: Final = "cursor_secret"
DIGEST: Final = "schema_digest"
"""Key under which the digest of what is deployed is kept."""

_FORMAT: Final = 1
"""Version of how documents and keys are stored; raised when either changes."""


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table there is or was."""

    name: str
    """Qualified by the component."""
    number: int
    storage: str
    validator: str | None
    """JSON of the validator that all its documents match; ``None`` if they were not checked."""
    in_schema: bool


@dataclass(frozen=True, slots=True)
class StoredIndex:
    """An index that is complete."""

    table: str
    """Qualified name of the table."""
    name: str
    fields: str
    """JSON of what it is an index of."""
    storage: str


def validator_text(table: Table) -> str:
    """A table's validator in a form that can be compared."""
    return json.dumps(validator_to_json(table.validator), sort_keys=True)


def stored_indexes(table: Table) -> list[StoredIndex]:
    """The indexes of a table, of every kind, as they are stored."""
    described: list[tuple[Index | SearchIndex | VectorIndex, Any]] = [
        *((index, index.fields) for index in table.indexes),
        *(
            (index, {"words": WORDS_VERSION, "of": index.search_field, "by": index.filter_fields})
            for index in table.search_indexes
        ),
        *(
            (index, {"size": index.dimensions, "of": index.vector_field, "by": index.filter_fields})
            for index in table.vector_indexes
        ),
    ]
    return [
        StoredIndex(table.qualified_name, index.name, json.dumps(fields), index.storage)
        for index, fields in described
    ]


def schemas_digest(
    schemas: Mapping[str, Schema], tables: Iterable[Table], scripts: Iterable[str]
) -> str:
    """Identifies everything that a deployment depends on."""
    described = [
        [
            table.qualified_name,
            table.storage,
            validator_text(table),
            [[index.name, index.fields, index.storage] for index in stored_indexes(table)],
        ]
        for table in tables
    ]
    validated = {component: schema.schema_validation for component, schema in schemas.items()}
    text = json.dumps([_FORMAT, validated, described, list(scripts)])
    return sha256(text.encode()).hexdigest()


class Registry:
    """The runtime's own tables, inside a transaction of the caller's."""

    def __init__(self, store: DeployStore) -> None:
        self._store = store

    def digest(self) -> str | None:
        """Digest of the schema deployed last, ``None`` in a new database."""
        return None if self._store.is_new() else self._meta(DIGEST)

    def set_digest(self, digest: str) -> None:
        """Note that a schema is deployed."""
        self._set_meta(DIGEST, digest)

    def secret(self) -> bytes:
        """Secret of this database, made on first use."""
        text = self._meta(_SECRET)
        if text is None:
            text = secrets.token_hex(32)
            self._set_meta(_SECRET, text)
        return bytes.fromhex(text)

    def tables(self) -> dict[str, StoredTable]:
        """All tables there ever were, by name."""
        rows = self._all(
            'SELECT name, number, storage, validator, in_schema FROM "_convexity_tables"'
        )
        return {
            name: StoredTable(name, number, storage, validator, bool(in_schema))
            for name, number, storage, validator, in_schema in rows
        }

    def put_tables(self, tables: Iterable[StoredTable]) -> None:
        """Store what is known of tables."""
        self._store.execute_many(
            'INSERT INTO "_convexity_tables" (name, number, storage, validator, in_schema) '
            "VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET number = excluded.number, "
            "storage = excluded.storage, validator = excluded.validator, "
            "in_schema = excluded.in_schema",
            [(t.name, t.number, t.storage, t.validator, int(t.in_schema)) for t in tables],
        )

    def indexes(self) -> dict[tuple[str, str], StoredIndex]:
        """Complete indexes by table and name."""
        rows = self._all('SELECT table_name, name, fields, storage FROM "_convexity_indexes"')
        return {(row[0], row[1]): StoredIndex(*row) for row in rows}

    def put_indexes(self, indexes: Iterable[StoredIndex]) -> None:
        """Note that indexes are complete."""
        self._store.execute_many(
            'INSERT INTO "_convexity_indexes" (table_name, name, fields, storage) '
            "VALUES (?, ?, ?, ?)",
            [(index.table, index.name, index.fields, index.storage) for index in indexes],
        )

    def delete_index(self, index: StoredIndex) -> None:
        """Forget an index."""
        self._store.execute(
            'DELETE FROM "_convexity_indexes" WHERE table_name = ? AND name = ?',
            index.table,
            index.name,
        )

    def _meta(self, key: str) -> str | None:
        rows = self._all('SELECT value FROM "_convexity_meta" WHERE key = ?', key)
        return rows[0][0] if rows else None

    def _set_meta(self, key: str, value: str) -> None:
        self._store.execute(
            'INSERT INTO "_convexity_meta" (key, value) VALUES (?, ?) '
            "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            key,
            value,
        )

    def _all(self, statement: str, *bindings: Value) -> list[Any]:
        return self._store.execute(statement, *bindings)
