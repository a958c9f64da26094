"""The tables of a deployment as transactions use them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from convexity.database.cursors import CursorCodec
from convexity.database.documents import DocumentCodec
from convexity.database.tables import Index, Schema, Table
from convexity.database.text_index import TextIndex
from convexity.database.vector_index import VectorEntries
from convexity.errors import InvalidIdError
from convexity.values import Int64, LiteralValidator, ObjectValidator, RecordValidator, Validator
from convexity.values.ids import IdDecodeError, decode_id
from convexity.values.ordering import encode_key
from convexity.values.validators import flatten, required


def _id_key(document: Mapping[str, Any]) -> bytes:
    return encode_key((document["_id"],))


class CatalogTable:
    """A table with its number and everything derived from its definition."""

    __slots__ = (
        "_int64_fields",
        "by_id",
        "codec",
        "indexes",
        "is_system",
        "name",
        "number",
        "table",
        "text_indexes",
        "vector_indexes",
    )

    def __init__(self, table: Table, number: int, codec: DocumentCodec) -> None:
        self.table: Final = table
        self.name: Final = table.name
        self.number = number
        """Part of the ids of its documents; changes only with :meth:`Catalog.renumber`."""
        self.codec: Final = codec
        self.is_system: Final = table.is_system
        self.by_id: Final = Index(name="by_id", fields=("_id",), storage=table.storage, key=_id_key)
        """The document table itself, seen as an index."""
        self.indexes: Final[Mapping[str, Index]] = {
            index.name: index for index in (*table.indexes, self.by_id)
        }
        self.text_indexes: Final[Mapping[str, TextIndex]] = {
            index.name: TextIndex(index) for index in table.search_indexes
        }
        self.vector_indexes: Final[Mapping[str, VectorEntries]] = {
            index.name: VectorEntries(index) for index in table.vector_indexes
        }
        self._int64_fields: dict[str, bool] = {}

    def as_stored(self, path: str, value: Any) -> Any:
        """A value to compare with a field: a plain ``int`` is int64 where the field holds that."""
        return Int64(value) if type(value) is int and self.holds_int64(path) else value

    def holds_int64(self, path: str) -> bool:
        """Whether the numbers in a field, given by its dotted path, are int64 and nothing else."""
        known = self._int64_fields.get(path)
        if known is None:
            members = tuple(_members(self.table.validator, path.split(".")))
            known = any(map(_is_int64, members)) and not any(map(_is_float64, members))
            self._int64_fields[path] = known
        return known


class Catalog:
    """Tables of one component by name and by number, its system tables among them."""

    __slots__ = ("_by_number", "_schema", "_secret", "_tables", "cursors", "table_numbers")

    def __init__(
        self,
        schema: Schema,
        system_tables: Iterable[Table],
        table_numbers: Mapping[str, int],
        *,
        secret: bytes,
    ) -> None:
        """Take the tables with their numbers, and the secret that protects cursors."""
        self._schema = schema
        self._secret = secret
        self.table_numbers: Final = dict(table_numbers)
        self.cursors: Final = CursorCodec(secret)
        self._tables: dict[str, CatalogTable] = {}
        for table, validated in (
            *((table, schema.schema_validation) for table in schema.tables),
            *((table, True) for table in system_tables),
        ):
            codec = DocumentCodec(table, self.table_numbers, schema_validation=validated)
            self._tables[table.name] = CatalogTable(table, self.table_numbers[table.name], codec)
        self._by_number = {table.number: table for table in self._tables.values()}

    def renumber(self, numbers: Mapping[str, int]) -> bool:
        """Give tables other numbers, by name; whether any is another one than before.

        Validators of ids, which look numbers up here, follow.
        """
        if all(self.table_numbers[name] == number for name, number in numbers.items()):
            return False
        self.table_numbers.update(numbers)
        for name, number in numbers.items():
            self._tables[name].number = number
        self._by_number = {table.number: table for table in self._tables.values()}
        return True

    def renumbered(self, numbers: Mapping[str, int]) -> Catalog:
        """The same tables, some with other numbers."""
        system = [table.table for table in self._tables.values() if table.is_system]
        known = {**self.table_numbers, **numbers}
        return Catalog(self._schema, system, known, secret=self._secret)

    def table(self, name: str) -> CatalogTable:
        """The table of that name.

        Raises:
            ValueError: there is none.
        """
        table = self._tables.get(name)
        if table is None:
            known = ", ".join(sorted(t.name for t in self._tables.values() if not t.is_system))
            raise ValueError(f"there is no table {name!r} in the schema; its tables are: {known}")
        return table

    @property
    def tables(self) -> list[CatalogTable]:
        """All tables, the system tables too."""
        return list(self._tables.values())

    @property
    def user_tables(self) -> list[CatalogTable]:
        """The tables of the schema."""
        return [table for table in self._tables.values() if not table.is_system]

    def find(self, name: str) -> CatalogTable | None:
        """The table of that name, if there is one."""
        return self._tables.get(name)

    def table_of(self, document_id: str, operation: str) -> CatalogTable | None:
        """The table that an id belongs to; ``None`` for a table that no longer exists.

        Raises:
            InvalidIdError: the text is no id; the message names ``operation``.
        """
        try:
            return self._by_number.get(table_number(document_id))
        except IdDecodeError as error:
            raise InvalidIdError(f"Invalid argument `id` for `{operation}`: {error}") from error
        except TypeError as error:
            raise InvalidIdError(
                f"Invalid argument `id` for `{operation}`: an id is a string, "
                f"not {type(document_id).__name__}"
            ) from error


def _members(validator: Validator, path: Sequence[str]) -> Iterator[Validator]:
    """The alternatives of the validator of a nested field."""
    for member in flatten(required(validator)):
        if not path:
            yield member
        elif isinstance(member, ObjectValidator) and path[0] in member.fields:
            yield from _members(member.fields[path[0]], path[1:])
        elif isinstance(member, RecordValidator):
            yield from _members(member.value, path[1:])


def _is_int64(validator: Validator) -> bool:
    if isinstance(validator, LiteralValidator):
        return isinstance(validator.value, Int64)
    return validator.kind == "int64"


def _is_float64(validator: Validator) -> bool:
    if isinstance(validator, LiteralValidator):
        return isinstance(validator.value, int | float) and not isinstance(
            validator.value, bool | Int64
        )
    return validator.kind in ("number", "any")


@lru_cache(maxsize=16_384)
def table_number(document_id: str) -> int:
    """Number of the table that an id belongs to.

    Raises:
        IdDecodeError: the text is no id.
    """
    return decode_id(document_id).table_number
