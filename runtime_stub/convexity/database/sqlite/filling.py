"""Entries of existing documents in new indexes of every kind."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from convexity.database.sqlite.statements import index_statements
from convexity.database.sqlite.text_search import text_row, text_statements
from convexity.database.sqlite.vector_search import change, vector_statements

if TYPE_CHECKING:
    import apsw

    from convexity.database.catalog import CatalogTable
    from convexity.database.tables import Index
    from convexity.database.text_index import TextIndex
    from convexity.database.vector_index import VectorEntries

Fill: TypeAlias = Callable[[int, Mapping[str, Any]], None]
"""Stores the entry of the document at a position."""


def fills(cursor: apsw.Cursor, table: CatalogTable, names: Collection[str]) -> list[Fill]:
    """What fills the indexes of those names, which are empty."""
    return [
        *(_range(cursor, i, table) for i in table.table.indexes if i.name in names),
        *(_text(cursor, i) for i in table.text_indexes.values() if i.name in names),
        *(_vector(cursor, i, table) for i in table.vector_indexes.values() if i.name in names),
    ]


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
