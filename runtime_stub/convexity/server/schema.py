"""``define_schema`` and ``define_table``: the declarations of ``schema.py``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, overload

from convexity.database.system_tables import PUBLIC_SYSTEM_TABLES
from convexity.errors import DefinitionError
from convexity.server.table_indexes import (
    DeclaredIndex,
    DeclaredSearchIndex,
    DeclaredVectorIndex,
    check_new_name,
    declared_index,
    declared_search_index,
    declared_vector_index,
)
from convexity.values import Fields, IdValidator, ObjectValidator, UnionValidator, Validator, v
from convexity.values.limits import MAX_TABLES
from convexity.values.names import identifier_problem
from convexity.values.validators import flatten

SYSTEM_FIELDS: Final[Mapping[str, str]] = {
    "_id": "the id of the document",
    "_creationTime": "the time of its insertion",
}
"""Fields that every document has, and what they hold."""

_SYSTEM_DOCUMENTS: Final[Mapping[str, ObjectValidator]] = {
    table.name: table.validator
    for table in PUBLIC_SYSTEM_TABLES
    if isinstance(table.validator, ObjectValidator)
}


class TableDefinition:
    """A table: the validator of its documents, and its indexes.

    The methods add an index and return the table itself, so that they can be chained.
    """

    __slots__ = ("indexes", "search_indexes", "validator", "vector_indexes")

    def __init__(self, validator: ObjectValidator | UnionValidator) -> None:
        self.validator = validator
        """Describes a document without its system fields."""
        self.indexes: tuple[DeclaredIndex, ...] = ()
        self.search_indexes: tuple[DeclaredSearchIndex, ...] = ()
        self.vector_indexes: tuple[DeclaredVectorIndex, ...] = ()

    def index(self, name: str, fields: list[str], /, *, staged: bool = False) -> TableDefinition:
        """Add an index.

        Args:
            name: its name; by convention ``by_a_and_b`` for the fields ``a`` and ``b``.
            fields: its fields in order, dotted for nested ones; ``_creationTime`` is appended.
            staged: whether it is built but not used yet.

        Raises:
            DefinitionError: the name or a field is invalid, or the index repeats another.
        """
        self._check_free(name)
        added = declared_index(name, fields, self.validator, self.indexes, staged=staged)
        self.indexes = (*self.indexes, added)
        return self

    def search_index(
        self,
        name: str,
        /,
        *,
        search_field: str,
        filter_fields: list[str] = [],  # noqa: B006 - never changed
        staged: bool = False,
    ) -> TableDefinition:
        """Add a full-text index over a string field.

        Raises:
            DefinitionError: the name or a field is invalid, or the index repeats another.
        """
        self._check_free(name)
        added = declared_search_index(
            name, search_field, filter_fields, self.validator, self.search_indexes, staged=staged
        )
        self.search_indexes = (*self.search_indexes, added)
        return self

    def vector_index(
        self,
        name: str,
        /,
        *,
        vector_field: str,
        dimensions: int,
        filter_fields: list[str] = [],  # noqa: B006 - never changed
        staged: bool = False,
    ) -> TableDefinition:
        """Add a vector index over a field that holds arrays of ``dimensions`` numbers.

        Raises:
            DefinitionError: the name, a field or the number of dimensions is invalid.
        """
        self._check_free(name)
        added = declared_vector_index(
            name, vector_field, dimensions, filter_fields, self.validator, staged=staged
        )
        self.vector_indexes = (*self.vector_indexes, added)
        return self

    def _check_free(self, name: str) -> None:
        taken = [index.name for index in self.indexes]
        taken += [index.name for index in self.search_indexes]
        taken += [index.name for index in self.vector_indexes]
        check_new_name(name, taken)


class SchemaDefinition:
    """All tables of a project."""

    __slots__ = ("schema_validation", "tables")

    def __init__(self, tables: Mapping[str, TableDefinition], *, schema_validation: bool) -> None:
        self.tables: Mapping[str, TableDefinition] = MappingProxyType(dict(tables))
        self.schema_validation = schema_validation
        """Whether documents are checked when they are written."""

    def doc(self, table: str, /) -> ObjectValidator | UnionValidator:
        """Validator of a whole document of a table: system fields first, then its own.

        Args:
            table: a table of this schema, ``_storage`` or ``_scheduled_functions``.

        Raises:
            DefinitionError: there is no such table.
        """
        system = _SYSTEM_DOCUMENTS.get(table)
        if system is not None:
            return with_system_fields(table, system)
        return with_system_fields(table, self._table(table).validator)

    def id(self, table: str, /) -> IdValidator:
        """Validator of ids of a table; like ``v.id``, but the table must exist.

        Raises:
            DefinitionError: there is no such table.
        """
        if table not in _SYSTEM_DOCUMENTS:
            self._table(table)
        return v.id(table)

    def _table(self, name: str) -> TableDefinition:
        if name not in self.tables:
            known = ", ".join(map(repr, self.tables)) or "none"
            raise DefinitionError(f"the schema has no table {name!r}; its tables are {known}")
        return self.tables[name]


def with_system_fields(
    table: str, validator: ObjectValidator | UnionValidator
) -> ObjectValidator | UnionValidator:
    """``validator`` with ``_id`` and ``_creationTime`` before its fields, in every member."""
    if validator.kind == "opaque":
        return validator
    if isinstance(validator, UnionValidator):
        members = (with_system_fields(table, member) for member in _objects(validator))
        return UnionValidator(tuple(members))
    system: Fields = {"_id": v.id(table), "_creationTime": v.number()}
    return ObjectValidator({**system, **validator.fields})


@overload
def define_table(
    document: Fields | ObjectValidator | UnionValidator | type[Any], /
) -> TableDefinition: ...
@overload
def define_table(**fields: Validator) -> TableDefinition: ...
def define_table(*documents: Any, **fields: Validator) -> TableDefinition:
    """Declare a table by the fields of its documents, as keywords.

    A mapping, an object validator, a TypedDict or a union of object validators can be given
    instead. ``_id`` and ``_creationTime`` are added to every document and not declared.

    Raises:
        DefinitionError: the documents are no objects, or a system field is declared.
    """
    if len(documents) > 1 or (documents and fields):
        raise DefinitionError(
            "define_table() takes either one validator of the documents or fields as keywords"
        )
    validator = _document_validator(documents[0] if documents else fields)
    for member in _objects(validator):
        if member.kind != "opaque":
            _check_fields(member)
    return TableDefinition(validator)


def _document_validator(document: Any) -> ObjectValidator | UnionValidator:
    if isinstance(document, ObjectValidator | UnionValidator):
        return document
    if isinstance(document, Validator):
        raise DefinitionError(
            f"the documents of a table are objects: define_table() takes v.object(...) or a union "
            f"of objects, not {document!r}"
        )
    return v.object(document)


def _objects(validator: ObjectValidator | UnionValidator) -> list[ObjectValidator]:
    objects: list[ObjectValidator] = []
    for member in flatten(validator):
        if not isinstance(member, ObjectValidator):
            raise DefinitionError(
                f"the documents of a table are objects: {member!r} is not a possible document"
            )
        objects.append(member)
    return objects


def _check_fields(document: ObjectValidator) -> None:
    for name in document.fields:
        if name in SYSTEM_FIELDS:
            raise DefinitionError(
                f"the field {name!r} is added to every document ({SYSTEM_FIELDS[name]}): "
                "remove it from define_table()"
            )
        if name.startswith("_"):
            raise DefinitionError(
                f"the field {name!r} starts with an underscore, which is reserved for system "
                "fields: choose another name"
            )


@overload
def define_schema(
    tables: Mapping[str, TableDefinition], /, *, schema_validation: bool = True
) -> SchemaDefinition: ...
@overload
def define_schema(
    *, schema_validation: bool = True, **tables: TableDefinition
) -> SchemaDefinition: ...
def define_schema(
    *mappings: Mapping[str, TableDefinition],
    schema_validation: bool = True,
    **tables: TableDefinition,
) -> SchemaDefinition:
    """Declare the tables of a project; bind the result to ``schema`` in ``schema.py``.

    Args:
        mappings: at most one: the tables by name, instead of keywords.
        schema_validation: whether documents are checked when they are written.
        tables: the tables by name.

    Raises:
        DefinitionError: a table's name is invalid or reserved, an id names a missing table, or
            there are too many tables.
    """
    if len(mappings) > 1 or (mappings and tables):
        raise DefinitionError("define_schema() takes either one mapping or tables as keywords")
    declared = dict(mappings[0]) if mappings else tables
    if len(declared) > MAX_TABLES:
        raise DefinitionError(f"{len(declared)} tables are too many: at most {MAX_TABLES}")
    for name, table in declared.items():
        if name.startswith("_"):
            raise DefinitionError(
                f"the table name {name!r} starts with an underscore, which is reserved for "
                "system tables: choose another name"
            )
        problem = identifier_problem(name)
        if problem is not None:
            raise DefinitionError(f"the table name {name!r} {problem}")
        if not isinstance(table, TableDefinition):
            raise DefinitionError(f"table {name!r} must be a define_table(...), not {table!r}")
    return SchemaDefinition(declared, schema_validation=schema_validation)
