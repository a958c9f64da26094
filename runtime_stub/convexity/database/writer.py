"""``ctx.db`` of mutations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from convexity.database.reader import DatabaseReader, check_kind
from convexity.values import Id, Table


class DatabaseWriter(DatabaseReader):
    """``ctx.db`` of mutations; generated stubs give it the tables of the project."""

    __slots__ = ()

    async def insert(self, table: str, value: Mapping[str, Any], /) -> Id[Any]:
        """Store a new document and return its id.

        Raises:
            SchemaValidationError: the value does not match the table.
            ValueError: there is no such table, or it is a system table.
        """
        if self._transaction.catalog.table(table).is_system:
            raise ValueError(f"insert({table!r}, ...): functions cannot write to system tables")
        return cast("Id[Any]", await self._transaction.insert(table, value))

    async def patch(self, document_id: Id[Table[Any]], value: Mapping[str, Any], /) -> None:
        """Set some fields of a document; ``UNSET`` removes a field.

        Raises:
            InvalidIdError: the text is no id, or that of a system table.
            DocumentNotFoundError: there is no such document.
            SchemaValidationError: the document would no longer match its table.
        """
        check_kind(self._transaction, document_id, "db.patch", system=False)
        await self._transaction.patch(document_id, value)

    async def replace(self, document_id: Id[Table[Any]], value: Mapping[str, Any], /) -> None:
        """Replace all fields of a document except the system fields.

        Raises:
            InvalidIdError: the text is no id, or that of a system table.
            DocumentNotFoundError: there is no such document.
            SchemaValidationError: the value does not match the table.
        """
        check_kind(self._transaction, document_id, "db.replace", system=False)
        await self._transaction.replace(document_id, value)

    async def delete(self, document_id: Id[Table[Any]], /) -> None:
        """Delete a document.

        Raises:
            InvalidIdError: the text is no id, or that of a system table.
            DocumentNotFoundError: there is no such document.
        """
        check_kind(self._transaction, document_id, "db.delete", system=False)
        await self._transaction.delete(document_id)
