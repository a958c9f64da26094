"""``ctx.db`` of queries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar, cast

from convexity.database.catalog import CatalogTable, table_number
from convexity.database.query import TableQuery
from convexity.database.range_scan import RangeSelection
from convexity.database.transaction import Transaction
from convexity.errors import InvalidIdError
from convexity.values import Id, Table
from convexity.values.ids import IdDecodeError

D = TypeVar("D")


class SystemReader:
    """``ctx.db.system``: the platform's own tables, read only."""

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, document_id: Id[Table[D]], /) -> D | None:
        """The document with that id, ``None`` if there is none.

        Raises:
            InvalidIdError: the text is no id, or that of a table of the schema.
        """
        check_kind(self._transaction, document_id, "db.system.get", system=True)
        found = await self._transaction.get(document_id, operation="db.system.get")
        return cast("D | None", found)

    def query(self, table: str, /) -> TableQuery[Any]:
        """All documents of a system table.

        Raises:
            ValueError: it is no system table.
        """
        return _query(self._transaction, table, system=True)

    def normalize_id(self, table: str, text: str, /) -> Id[Any] | None:
        """The text as id of that system table, ``None`` if it is none.

        Raises:
            ValueError: it is a table of the schema.
        """
        return _normalize_id(self._transaction, table, text, system=True)


class DatabaseReader:
    """``ctx.db`` of queries; generated stubs give it the tables of the project."""

    __slots__ = ("_transaction",)

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    @property
    def system(self) -> SystemReader:
        """The platform's own tables."""
        return SystemReader(self._transaction)

    async def get(self, document_id: Id[Table[D]], /) -> D | None:
        """The document with that id, ``None`` if there is none.

        Raises:
            InvalidIdError: the text is no id, or that of a system table.
        """
        check_kind(self._transaction, document_id, "db.get", system=False)
        found = await self._transaction.get(document_id)
        return cast("D | None", found)

    async def get_many(self, document_ids: Iterable[Id[Table[D]]], /) -> list[D | None]:
        """The documents with those ids, in their order; ``None`` where there is none.

        Raises:
            InvalidIdError: a text is no id, or that of a system table.
        """
        ids = list(document_ids)
        for document_id in ids:
            check_kind(self._transaction, document_id, "db.get_many", system=False)
        found = await self._transaction.get_many(ids)
        return cast("list[D | None]", found)

    def query(self, table: str, /) -> TableQuery[Any]:
        """All documents of a table, until the query is narrowed.

        Raises:
            ValueError: there is no such table, or it is a system table.
        """
        return _query(self._transaction, table, system=False)

    def normalize_id(self, table: str, text: str, /) -> Id[Any] | None:
        """The text as id of that table, ``None`` if it is none; the document need not exist.

        Raises:
            ValueError: it is a system table.
        """
        return _normalize_id(self._transaction, table, text, system=False)


def check_kind(transaction: Transaction, document_id: str, operation: str, *, system: bool) -> None:
    """Refuse an id of a table that this reader or writer does not serve.

    Raises:
        InvalidIdError: it belongs to a system table, or with ``system`` to another one.
    """
    table = transaction.catalog.table_of(document_id, operation)
    if table is not None and table.table.is_hidden:
        raise InvalidIdError(
            f"Invalid argument `id` for `{operation}`: {document_id} belongs to a table that "
            "functions cannot read"
        )
    if table is not None and table.is_system is not system:
        raise InvalidIdError(
            f"Invalid argument `id` for `{operation}`: {document_id} belongs to "
            f"{_other_place(table.name, system=system)}"
        )


def _other_place(table: str, *, system: bool) -> str:
    if system:
        return f"table {table!r} of the schema: use db instead of db.system"
    return f"the system table {table!r}, which only db.system reads"


def _query(transaction: Transaction, name: str, *, system: bool) -> TableQuery[Any]:
    table = transaction.catalog.table(name)
    if table.table.is_hidden:
        raise ValueError(f"query({name!r}): functions cannot read this table")
    if table.is_system is not system:
        raise ValueError(f"query({name!r}): this is {_other_place(name, system=system)}")
    return TableQuery(RangeSelection(transaction, table, table.indexes["by_creation_time"]))


def _normalize_id(
    transaction: Transaction, name: str, text: str, *, system: bool
) -> Id[Any] | None:
    table: CatalogTable | None = transaction.catalog.find(name)
    if name.startswith("_") is not system:
        raise ValueError(
            f"normalize_id({name!r}, ...): this is {_other_place(name, system=system)}"
        )
    if table is None:
        return None
    try:
        number = table_number(text)
    except (IdDecodeError, TypeError):
        return None
    return cast("Id[Any]", text) if number == table.number else None
