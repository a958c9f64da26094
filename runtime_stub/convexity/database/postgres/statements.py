"""The SQL of documents and index entries, built once per deployment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from convexity.database.identifiers import quoted
from convexity.database.postgres.text_search import (
    TextStatements,
    text_statements,
    text_storage,
)
from convexity.database.postgres.vector_search import (
    VectorStatements,
    vector_statements,
    vector_storage,
)
from convexity.values.ordering import encode_key

if TYPE_CHECKING:
    from convexity.database.ranges import IndexName
    from convexity.database.tables import Table

KEY_LENGTH: Final = 2000
"""Bytes of a key that its index is ordered by; a B-tree of PostgreSQL takes at most 2,704."""


class TableStatements(NamedTuple):
    """Statements of a document table."""

    size: str
    get: str
    get_many: str
    at: str


class IndexStatements(NamedTuple):
    """Statements of an index; the document table itself serves as index ``by_id``.

    The short ones are right for bounds of at most :data:`KEY_LENGTH` bytes, unless they find a key
    of that length, of which there may be more.
    """

    name: IndexName
    is_by_id: bool
    ascending: str
    descending: str
    long_ascending: str
    long_descending: str


class Statements(NamedTuple):
    """Statements by name of the physical table."""

    tables: Mapping[str, TableStatements]
    indexes: Mapping[str, IndexStatements]
    texts: Mapping[str, TextStatements]
    vectors: Mapping[str, VectorStatements]
    search_names: Mapping[str, IndexName]
    """Table and name of full-text indexes."""
    tables_of: Mapping[str, str]
    """The document table of every index."""


TIMESTAMP: Final = 'SELECT coalesce(max("timestamp"), 0) FROM "_convexity_commits"'
RELATIONS: Final = (
    "SELECT relname FROM pg_class c WHERE relkind IN ('r', 'p', 'f', 'v', 'm') AND relnamespace = "
    "(SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND NOT EXISTS (SELECT 1 FROM "
    "pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e') "
    "ORDER BY relname"
)
"""Tables and views of the SQL schema, without those of extensions."""
VIEWS: Final = "SELECT schemaname, viewname FROM pg_views WHERE schemaname = current_schema()"
REMOVED_TABLES: Final = 'SELECT name, storage FROM "_convexity_tables" WHERE in_schema = 0'
TABLE_NUMBERS: Final = 'SELECT name, number FROM "_convexity_tables"'
STORED_TABLES: Final = 'SELECT name, number, storage FROM "_convexity_tables"'
META_GET: Final = 'SELECT value FROM "_convexity_meta" WHERE key = $1'
COMMITS_AFTER: Final = (
    'SELECT "timestamp", previous, writes FROM "_convexity_commits" WHERE "timestamp" > $1 '
    'ORDER BY "timestamp"'
)
SCHEMA_DIGEST: Final = "SELECT value FROM \"_convexity_meta\" WHERE key = 'schema_digest'"
COMMITS_FROM: Final = (
    'SELECT "timestamp", previous, writes, position FROM "_convexity_commits" '
    f'WHERE "timestamp" >= $1 AND ({SCHEMA_DIGEST}) = $2 ORDER BY "timestamp"'
)
"""Finds nothing, not even the commit of the time itself, where another schema was deployed."""
COMMIT_EXISTS: Final = (
    'SELECT true FROM "_convexity_commits" WHERE "timestamp" = $1 AND origin = $2'
)
COMMITS_TRIM: Final = 'DELETE FROM "_convexity_commits" WHERE "timestamp" < $1'
ANSWER_GET: Final = (
    'SELECT answer, "timestamp" FROM "_convexity_answers" WHERE session = $1 AND number = $2'
)
ANSWERS_TRIM: Final = 'DELETE FROM "_convexity_answers" WHERE "timestamp" < $1'


def document_table(storage: str) -> str:
    """The statement that creates the table of documents, where it is missing."""
    return (
        f"CREATE TABLE IF NOT EXISTS {quoted(storage)} (position bigint PRIMARY KEY, "
        '"_id" text COLLATE "C" NOT NULL UNIQUE, "_creationTime" double precision NOT NULL, '
        "doc text NOT NULL)"
    )


def table_storage(table: Table) -> list[str]:
    """Statements that create the storage of a table and of its indexes, where they are missing."""
    return [
        document_table(table.storage),
        *(
            f"CREATE TABLE IF NOT EXISTS {quoted(index.storage)} (key bytea NOT NULL, "
            "position bigint NOT NULL, tail bytea, PRIMARY KEY (key, position))"
            for index in table.indexes
        ),
        *(sql for search in table.search_indexes for sql in text_storage(search.storage)),
        *(
            sql
            for vector in table.vector_indexes
            for sql in vector_storage(vector.storage, vector.dimensions, len(vector.filter_fields))
        ),
    ]


def build_statements(tables: Iterable[Table]) -> Statements:
    """The statements of all tables and indexes."""
    by_table: dict[str, TableStatements] = {}
    by_index: dict[str, IndexStatements] = {}
    texts: dict[str, TextStatements] = {}
    vectors: dict[str, VectorStatements] = {}
    search_names: dict[str, IndexName] = {}
    tables_of: dict[str, str] = {}
    for table in tables:
        storage = quoted(table.storage)
        by_table[table.storage] = TableStatements(
            size=f"SELECT count(*) FROM {storage}",
            get=f'SELECT position, doc FROM {storage} WHERE "_id" = $1',
            get_many=f'SELECT "_id", position, doc FROM {storage} WHERE "_id" = ANY ($1::text[])',
            at=(f'SELECT position, "_id", doc FROM {storage} WHERE position = ANY ($1::bigint[])'),
        )
        tables_of[table.storage] = table.storage
        by_index[table.storage] = _by_id((table.qualified_name, "by_id"), storage)
        for index in table.indexes:
            tables_of[index.storage] = table.storage
            name = (table.qualified_name, index.name)
            by_index[index.storage] = _index(name, quoted(index.storage), storage)
        for search in table.search_indexes:
            tables_of[search.storage] = table.storage
            search_names[search.storage] = (table.qualified_name, search.name)
            texts[search.storage] = text_statements(search.storage)
        for vector in table.vector_indexes:
            tables_of[vector.storage] = table.storage
            vectors[vector.storage] = vector_statements(
                vector.storage, table.storage, len(vector.filter_fields)
            )
    return Statements(by_table, by_index, texts, vectors, search_names, tables_of)


def _index(name: IndexName, index: str, table: str) -> IndexStatements:
    scan = (
        f'SELECT i.key, i.tail, i.position, d."_id", d.doc FROM {index} AS i '
        f"JOIN {table} AS d USING (position) WHERE i.key >= $1 AND i.key {{}} $2 "
    )
    short = scan.format("<")
    long = scan.format("<=") + (
        "AND (i.key, coalesce(i.tail, '')) >= ($1, $4) "
        "AND (i.key, coalesce(i.tail, '')) < ($2, $5) "
    )
    return IndexStatements(
        name=name,
        is_by_id=False,
        ascending=f"{short} ORDER BY i.key LIMIT $3",
        descending=f"{short} ORDER BY i.key DESC LIMIT $3",
        long_ascending=f"{long} ORDER BY i.key, coalesce(i.tail, '') LIMIT $3",
        long_descending=f"{long} ORDER BY i.key DESC, coalesce(i.tail, '') DESC LIMIT $3",
    )


def _by_id(name: IndexName, table: str) -> IndexStatements:
    scan = (
        f'SELECT "_id", position, doc FROM {table} WHERE "_id" >= $1 AND "_id" < $2 ORDER BY "_id"'
    )
    return IndexStatements(
        name=name,
        is_by_id=True,
        ascending=f"{scan} LIMIT $3",
        descending=f"{scan} DESC LIMIT $3",
        long_ascending="",
        long_descending="",
    )


_BEFORE_IDS: Final = encode_key(("",))[:1]
"""Tag of strings, with which every key of ``by_id`` starts."""
_LAST: Final = "\U0010ffff"
"""Sorts after every id."""


def id_bound(key: bytes) -> str:
    """The text that divides ids as ``key`` divides their keys, ``tag id 00``.

    Ids are ASCII, without control characters; what a bound has beyond it stays greater.
    """
    if key[:1] != _BEFORE_IDS:
        return "" if key < _BEFORE_IDS else _LAST
    text, terminator, more = key[1:].partition(b"\x00")
    bound = text.decode("latin-1")
    return bound + "\x01" if terminator and more else bound
