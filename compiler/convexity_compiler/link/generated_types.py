"""Types of ``_generated.data_model`` by name (language.md section 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity.values import (
    ArrayValidator,
    IdValidator,
    Int64,
    LiteralValidator,
    ObjectValidator,
    OptionalValidator,
    RecordValidator,
    UnionValidator,
)
from convexity.values.validators import as_optional, required

from convexity_compiler.link.platform import SYSTEM_TABLES, with_system_fields
from convexity_compiler.link.types import (
    DictType,
    IdType,
    ListType,
    LiteralType,
    Primitive,
    PrimitiveName,
    TypedDictField,
    TypedDictType,
    union_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convexity.values import Validator

    from convexity_compiler.link.types import TypeModel

_PRIMITIVES: Final[dict[str, PrimitiveName]] = {
    "null": "None",
    "boolean": "bool",
    "number": "float",
    "int64": "Int64",
    "string": "str",
    "bytes": "bytes",
    "any": "Any",
}


def marker_name(table: str) -> str:
    """Name of the marker class of a table: ``project_members`` → ``ProjectMembers``."""
    return "".join(part[:1].upper() + part[1:] for part in table.split("_"))


def type_of(validator: Validator, name: str = "") -> TypeModel:
    """Return the annotation that describes what a validator lets through.

    ``name`` is the name of the TypedDict for an object; nested ones are named after it.
    """
    match validator:
        case IdValidator(table_name=table):
            return IdType(table, marker_name(table))
        case LiteralValidator(value=value):
            if isinstance(value, float):
                return Primitive("float")
            return LiteralType((int(value) if isinstance(value, Int64) else value,))
        case ArrayValidator(element=element):
            return ListType(type_of(element, f"{name}Item"))
        case RecordValidator(key=key, value=value):
            return DictType(type_of(key, f"{name}Key"), type_of(value, f"{name}Value"))
        case UnionValidator(members=members):
            return union_of([type_of(member, name) for member in members])
        case OptionalValidator(inner=inner):
            return type_of(inner, name)
        case ObjectValidator():
            fields = tuple(
                TypedDictField(
                    field, type_of(entry, f"{name}{marker_name(field)}"), not entry.is_optional
                )
                for field, entry in validator.fields.items()
            )
            return TypedDictType(name or "object", fields)
        case _:
            return Primitive(_PRIMITIVES[validator.kind])


class TableTypes:
    """The generated types of the tables of a schema, each made when first asked for."""

    def __init__(self, tables: Mapping[str, Validator | None]) -> None:
        """Take the document validators by table; one that is not known has a marker only."""
        self._tables = {**SYSTEM_TABLES, **tables}
        self._markers = {marker_name(table): table for table in self._tables}
        self._types: dict[str, TypeModel] = {}

    def table(self, marker: str) -> str | None:
        """The table that a marker class stands for."""
        return self._markers.get(marker)

    def get(self, name: str) -> TypeModel | None:
        """``TDoc``, ``TFields`` or ``TPatch`` of a table ``t``; None for other names."""
        if name not in self._types:
            found = self._make(name)
            if found is None:
                return None
            self._types[name] = found
        return self._types[name]

    def _make(self, name: str) -> TypeModel | None:
        for suffix in ("Doc", "Fields", "Patch"):
            table = self._markers.get(name.removesuffix(suffix))
            validator = self._tables[table] if table is not None and name.endswith(suffix) else None
            if validator is None or table is None:
                continue
            if suffix == "Doc":
                return type_of(with_system_fields(table, validator), name)
            if table not in SYSTEM_TABLES:
                return (
                    type_of(validator, name) if suffix == "Fields" else _patch_type(validator, name)
                )
        return None


def _patch_type(validator: Validator, name: str) -> TypeModel:
    if isinstance(validator, UnionValidator):
        return union_of([_patch_type(member, name) for member in validator.members])
    if not isinstance(validator, ObjectValidator):
        return type_of(validator, name)
    fields = []
    for field, entry in validator.fields.items():
        model = type_of(required(as_optional(entry)), f"{name}{marker_name(field)}")
        if entry.is_optional:
            model = union_of([model, Primitive("Unset")])
        fields.append(TypedDictField(field, model, required=False))
    return TypedDictType(name, tuple(fields))
