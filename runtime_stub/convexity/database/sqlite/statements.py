"""The SQL of documents and index entries, built once per deployment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from convexity.database.identifiers import quoted
from convexity.database.sqlite.text_search import TextStatements, text_statements
from convexity.database.sqlite.vector_search import VectorStatements, vector_statements
from convexity.database.tables import Table
from convexity.values.ordering import encode_key


class TableStatements(NamedTuple):
    """Statements of a document table."""

    size: str
    get: str
    at: str
    position: str
    insert: str
    update: str
    delete: str


class IndexStatements(NamedTuple):
    """Statements of an index; the document table itself serves as index ``by_id``."""

    ascending: str
    descending: str
    bound: Callable[[bytes], bytes | str] | None
    """Translates key bounds, where the index is not ordered by keys."""
    insert: str
    delete: str


class Statements(NamedTuple):
    """Statements by name of the physical table."""

    tables: Mapping[str, TableStatements]
    indexes: Mapping[str, IndexStatements]
    texts: Mapping[str, TextStatements]
    vectors: Mapping[str, VectorStatements]


Found: TypeAlias = tuple[Any, str]

TIMESTAMP: Final = 'SELECT timestamp FROM "_convexity_clock"'
SET_TIMESTAMP: Final = 'UPDATE "_convexity_clock" SET timestamp = ?'
REMOVED_TABLES: Final = 'SELECT name, storage FROM "_convexity_tables" WHERE NOT in_schema'
TABLE_NUMBERS: Final = 'SELECT name, number FROM "_convexity_tables"'
SET_TABLE_NUMBER: Final = 'UPDATE "_convexity_tables" SET number = ? WHERE name = ?'
META_GET: Final = 'SELECT value FROM "_convexity_meta" WHERE key = ?'
META_SET: Final = 'INSERT OR REPLACE INTO "_convexity_meta" (key, value) VALUES (?, ?)'
META_DELETE: Final = 'DELETE FROM "_convexity_meta" WHERE key = ?'
COMMIT_ADD: Final = (
    'INSERT INTO "_convexity_commits" (timestamp, previous, writes) VALUES (?, ?, ?)'
)
COMMITS_AFTER: Final = (
    'SELECT timestamp, previous, writes FROM "_convexity_commits" WHERE timestamp > ? '
    "ORDER BY timestamp"
)
COMMITS_TRIM: Final = 'DELETE FROM "_convexity_commits" WHERE timestamp < ?'
ANSWER_GET: Final = (
    'SELECT answer, timestamp FROM "_convexity_answers" WHERE session = ? AND number = ?'
)
ANSWER_ADD: Final = (
    'INSERT INTO "_convexity_answers" (timestamp, session, number, answer) VALUES (?, ?, ?, ?)'
)
ANSWERS_TRIM: Final = 'DELETE FROM "_convexity_answers" WHERE timestamp < ?'


def document_storage(table: Table) -> list[str]:
    """Statements that create the storage of a table and of its indexes, where they are missing.

    Index entries name a document by its position: a search for the position is half of what a
    search for the id would be.
    """
    return [
        f"CREATE TABLE IF NOT EXISTS {quoted(table.storage)} (position INTEGER PRIMARY KEY, "
        "_id TEXT NOT NULL UNIQUE, _creationTime REAL NOT NULL, doc TEXT NOT NULL)",
        *(
            f"CREATE TABLE IF NOT EXISTS {quoted(index.storage)} (key BLOB PRIMARY KEY, "
            "position INTEGER NOT NULL) WITHOUT ROWID"
            for index in table.indexes
        ),
    ]


def build_statements(tables: Iterable[Table]) -> Statements:
    """The statements of all tables and indexes."""
    by_table: dict[str, TableStatements] = {}
    by_index: dict[str, IndexStatements] = {}
    texts: dict[str, TextStatements] = {}
    vectors: dict[str, VectorStatements] = {}
    for table in tables:
        storage = quoted(table.storage)
        by_table[table.storage] = TableStatements(
            size=f"SELECT count(*) FROM {storage}",
            get=f"SELECT doc FROM {storage} WHERE _id = ?",
            at=f"SELECT doc FROM {storage} WHERE position = ?",
            position=f"SELECT position FROM {storage} WHERE _id = ?",
            insert=f"INSERT INTO {storage} (_id, _creationTime, doc) VALUES (?, ?, ?)",
            update=f"UPDATE {storage} SET doc = ? WHERE _id = ?",
            delete=f"DELETE FROM {storage} WHERE _id = ?",
        )
        by_index[table.storage] = _by_id(storage)
        for index in table.indexes:
            by_index[index.storage] = index_statements(index.storage, table.storage)
        for search in table.search_indexes:
            texts[search.storage] = text_statements(search.storage)
        for vector in table.vector_indexes:
            vectors[vector.storage] = vector_statements(
                vector.storage, table.storage, len(vector.filter_fields)
            )
    return Statements(by_table, by_index, texts, vectors)


def index_statements(storage: str, documents: str) -> IndexStatements:
    """The statements of the index in the table ``storage``, of those documents."""
    index, table = quoted(storage), quoted(documents)
    # CROSS JOIN fixes the order of the join: through the index to the documents.
    scan = (
        f"SELECT i.key, d.doc FROM {index} AS i CROSS JOIN {table} AS d USING (position) "
        "WHERE i.key >= ? AND i.key < ? ORDER BY i.key"
    )
    return IndexStatements(
        ascending=f"{scan} LIMIT ?",
        descending=f"{scan} DESC LIMIT ?",
        bound=None,
        insert=f"INSERT INTO {index} (key, position) VALUES (?, ?)",
        delete=f"DELETE FROM {index} WHERE key = ?",
    )


def _by_id(table: str) -> IndexStatements:
    scan = f"SELECT _id, doc FROM {table} WHERE _id >= ? AND _id < ? ORDER BY _id"
    return IndexStatements(
        ascending=f"{scan} LIMIT ?",
        descending=f"{scan} DESC LIMIT ?",
        bound=_id_bound,
        insert="",
        delete="",
    )


_BEFORE_IDS: Final = encode_key(("",))[:1]
"""Tag of strings, with which every key of ``by_id`` starts."""


def _id_bound(key: bytes) -> bytes | str:
    """The text that divides ids as ``key`` divides their keys, ``tag id 00``.

    A blob sorts after every text. Ids are ASCII; what a bound has beyond it stays greater.
    """
    if key[:1] != _BEFORE_IDS:
        return "" if key < _BEFORE_IDS else b""
    text, terminator, more = key[1:].partition(b"\x00")
    bound = text.decode("latin-1")
    return bound + "\x00" if terminator and more else bound
