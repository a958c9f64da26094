"""Types of ``_generated.data_model`` by name (language.md section 3)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

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
from convexity.values.validators import as_optional, flatten, required

from convexity_compiler.link.declared_types import objects_in, objects_inside
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
from convexity_compiler.memo import IdentityMemo, cached_property
from convexity_compiler.type_names import Place, pascal_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

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


_UNNAMED: Final[IdentityMemo[TypeModel]] = IdentityMemo()


def type_of(validator: Validator, name: str = "") -> TypeModel:
    """Return the annotation that describes what a validator lets through.

    ``name`` is the name of the TypedDict for an object; nested ones are named after it.
    """
    if name:
        return _type_of(validator, name)
    known = _UNNAMED.get(validator)
    return _UNNAMED.keep(_type_of(validator, ""), validator) if known is None else known[0]


def _type_of(validator: Validator, name: str) -> TypeModel:
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


class FunctionTypes(NamedTuple):
    """What the types of one function are named after, and made from."""

    module: str
    name: str
    args: ObjectValidator
    returns: Validator


class FunctionSource(Protocol):
    """Where the types of functions come from; nothing is linked before it is asked for."""

    @property
    def is_complete(self) -> bool:
        """Whether all tables and functions of the project are known."""

    def all(self) -> Iterable[FunctionTypes]:
        """Return those of all functions, in order."""

    def named(self, name: str) -> Iterable[FunctionTypes]:
        """Return those of the functions that a type called ``name`` may belong to, in order."""


class NoFunctions:
    """For types of tables alone."""

    is_complete = False

    def all(self) -> Iterable[FunctionTypes]:
        """Return none."""
        return ()

    def named(self, name: str) -> Iterable[FunctionTypes]:  # noqa: ARG002
        """Return none."""
        return ()


class GeneratedTypes:
    """The types of ``_generated.data_model``, each made when first asked for."""

    def __init__(
        self, tables: Mapping[str, Validator | None], functions: FunctionSource | None = None
    ) -> None:
        """Take the document validators by table; one that is not known has a marker only."""
        self._tables = {**SYSTEM_TABLES, **tables}
        self._functions: FunctionSource = functions or NoFunctions()
        self._markers = {marker_name(table): table for table in self._tables}
        self._types: dict[str, TypeModel] = {}

    def table(self, marker: str) -> str | None:
        """The table that a marker class stands for."""
        return self._markers.get(marker)

    def get(self, name: str) -> TypeModel | None:
        """The type called ``name``; None for markers and names that do not exist."""
        if name not in self._types:
            found = self._of_table(name)
            if found is None and name in self._declared:
                found = self._declared[name]()
            if found is None:
                # Not remembered: whoever asks needs these functions.
                return self._of_function(name)
            self._types[name] = found
        return self._types[name]

    @property
    def is_complete(self) -> bool:
        """Whether these are the types of all tables and functions of the project."""
        return self._functions.is_complete

    def has(self, name: str) -> bool:
        """Whether a name exists; unlike ``names`` this looks no further than it must."""
        return name in self._names_of_tables or self.get(name) is not None

    @cached_property
    def names(self) -> frozenset[str]:
        """All names that exist."""
        of_functions = {name for name, part in self._of_functions if part not in self._known}
        return self._names_of_tables | of_functions

    @cached_property
    def _names_of_tables(self) -> frozenset[str]:
        documents = {
            f"{marker}{suffix}"
            for marker, table in self._markers.items()
            for suffix in ("Doc", "Fields", "Patch")
            if suffix == "Doc" or table not in SYSTEM_TABLES
        }
        return frozenset({"Id", *self._markers, *documents, *self._declared})

    def replacement(self, name: str) -> str | None:
        """The type that codegen uses where a type called ``name`` would be the same."""
        return self._replaced.get(name)

    def name_of(self, shape: ObjectValidator) -> str | None:
        """The name of a type that describes ``shape``; None where codegen declares none."""
        return self._known.get(shape) or next(
            (name for name, part in self._of_functions if part == shape), None
        )

    def _of_table(self, name: str) -> TypeModel | None:
        """``TDoc``, ``TFields`` or ``TPatch`` of a table ``t``."""
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

    def _of_function(self, name: str) -> TypeModel | None:
        for function in self._functions.named(name):
            for own, part in self._types_of(function):
                if own == name and part not in self._known:
                    return type_of(part, name)
        return None

    @cached_property
    def _declared(self) -> dict[str, Callable[[], TypeModel]]:
        """Types of members and parts of documents, by name."""
        found: dict[str, Callable[[], TypeModel]] = {}
        for place, table, shape in self._documents():
            document = with_system_fields(table, shape)
            found[f"{place.name}Doc"] = partial(type_of, document, f"{place.name}Doc")
            found[f"{place.name}Fields"] = partial(type_of, shape, f"{place.name}Fields")
            found[f"{place.name}Patch"] = partial(_patch_type, shape, f"{place.name}Patch")
        for name, part in self._parts:
            found.setdefault(name, partial(type_of, part, name))
        return found

    @cached_property
    def _replaced(self) -> dict[str, str]:
        return {
            name: self._known[shape] for name, shape in self._of_functions if shape in self._known
        }

    @cached_property
    def _known(self) -> dict[ObjectValidator, str]:
        """Objects that have the name of a document or a part of one, wherever they stand."""
        found = {}
        for place, table, shape in self._documents():
            document = with_system_fields(table, shape)
            assert isinstance(document, ObjectValidator)
            found[document] = f"{place.name}Doc"
        for name, shape in self._parts:
            found.setdefault(shape, name)
        return found

    @cached_property
    def _parts(self) -> list[tuple[str, ObjectValidator]]:
        return [
            entry
            for place, _, shape in self._documents()
            for entry in objects_inside(shape, place, {})
        ]

    @cached_property
    def _of_functions(self) -> list[tuple[str, ObjectValidator]]:
        return [entry for function in self._functions.all() for entry in self._types_of(function)]

    def _types_of(self, function: FunctionTypes) -> Iterator[tuple[str, ObjectValidator]]:
        base = pascal_case(function.module, function.name)
        yield from objects_inside(function.args, Place(f"{base}Args", ""), self._known)
        yield from objects_in(function.returns, Place(f"{base}Result", ""), self._known)

    def _documents(self) -> Iterator[tuple[Place, str, ObjectValidator]]:
        """The objects that documents may be, with place and table."""
        for table, validator in self._tables.items():
            if validator is None or table in SYSTEM_TABLES:
                continue
            place = Place(marker_name(table), table)
            members = flatten(validator)
            for member, member_place in zip(members, place.members(members), strict=True):
                if isinstance(member, ObjectValidator):
                    yield member_place, table, member


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
