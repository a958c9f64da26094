"""API models: the types of arguments and results on the wire, for the OpenAPI document.

A model describes JSON, not Python values: an int64 argument is ``{"$integer": ...}``, a result in
format ``json`` holds it as decimal text (``wire-protocol`` 1.1, 1.5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

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
from convexity.values.validators import NumberValidator, flatten

from convexity_compiler.emit.backend.names import NameScope, is_plain_name
from convexity_compiler.emit.layout import (
    Alternatives,
    Atom,
    Labelled,
    Node,
    Text,
    call,
    subscript,
)
from convexity_compiler.emit.literals import python_literal
from convexity_compiler.type_names import pascal_case

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from convexity.values import Validator

    from convexity_compiler.emit.imports import Imports

Direction: TypeAlias = Literal["request", "result"]

_WIRE_TYPES: dict[tuple[str, Direction], str] = {
    ("number", "request"): "Number",
    ("number", "result"): "NumberResult",
    ("int64", "request"): "EncodedInt64",
    ("int64", "result"): "Int64Result",
    ("bytes", "request"): "EncodedBytes",
    ("bytes", "result"): "BytesResult",
}
"""Names of ``convexity.http.wire_types`` for the kinds that have no JSON type of their own."""
_BUILTINS = {"boolean": "bool", "string": "str"}
_IMPORTED = frozenset(
    {"Annotated", "Any", "Field", "Literal", "NotRequired", "TypeAlias", "TypedDict"}
)
_NONE = Atom("None")


@dataclass(frozen=True, slots=True)
class Model:
    """A ``TypedDict`` that describes a JSON object."""

    name: str
    description: str
    fields: tuple[tuple[str, Node], ...]
    functional: bool
    """Whether the names of its fields forbid the class form."""


@dataclass(frozen=True, slots=True)
class Alias:
    """A named type that is no object."""

    name: str
    node: Node


class ModelTypes:
    """Collects the models that the functions of a project need, inner ones before outer ones.

    Args:
        imports: Imports of the module that will hold them.
        documents: Validators of whole documents and the names of their types; a result that
            equals one of them takes that name.
        reserved: Names that no model may take.

    """

    def __init__(
        self, imports: Imports, documents: Mapping[Validator, str], reserved: Iterable[str]
    ) -> None:
        self.definitions: list[Model | Alias] = []
        self._imports = imports
        self._documents = documents
        self._names = NameScope({*reserved, *_WIRE_TYPES.values(), *_IMPORTED})
        self._declared: dict[Validator, str] = {}
        self._ids: dict[str, str] = {}

    def add(self, validator: Validator, name: str, direction: Direction, description: str) -> str:
        """Define the type of ``validator`` as ``name``; return the name it got."""
        if isinstance(validator, ObjectValidator) and validator not in self._documents:
            return self._object(validator, name, direction, description)
        return self._alias(name, self._type(validator, name, direction))

    def _alias(self, name: str, node: Node) -> str:
        alias = self._names.claim(name)
        self.definitions.append(Alias(alias, node))
        return alias

    def _object(
        self, validator: ObjectValidator, name: str, direction: Direction, description: str
    ) -> str:
        model = self._names.claim(name)
        fields = tuple(
            (field, self._type(inner, model + pascal_case(field), direction))
            for field, inner in validator.fields.items()
        )
        functional = not all(
            is_plain_name(field) and not field.startswith("__") for field in validator.fields
        )
        self.definitions.append(Model(model, description, fields, functional))
        return model

    def _type(self, validator: Validator, name: str, direction: Direction) -> Node:
        if direction == "result" and validator in self._documents:
            return Atom(self._document(validator, self._documents[validator]))
        match validator:
            case OptionalValidator():
                return subscript(
                    self._typing("NotRequired"), self._type(validator.inner, name, direction)
                )
            case IdValidator():
                return Atom(self._id(validator.table_name))
            case LiteralValidator() | UnionValidator():
                return self._union(flatten(validator), name, direction)
            case ArrayValidator():
                return subscript(
                    self._imports.builtin("list"),
                    self._type(validator.element, f"{name}Item", direction),
                )
            case RecordValidator():
                value = self._type(validator.value, f"{name}Value", direction)
                return subscript(self._imports.builtin("dict"), self._builtin("str"), value)
            case ObjectValidator():
                return Atom(self._object(validator, name, direction, "Part of another object."))
            case NumberValidator() if validator.integral:
                return self._builtin("int")
            case _:
                return self._scalar(validator.kind, direction)

    def _scalar(self, kind: str, direction: Direction) -> Node:
        if kind == "null":
            return _NONE
        if kind == "any":
            return Atom(self._typing("Any"))
        if kind in _BUILTINS:
            return self._builtin(_BUILTINS[kind])
        name = _WIRE_TYPES[kind, direction]
        return Atom(self._imports.name("convexity.http.wire_types", name))

    def _builtin(self, name: str) -> Node:
        return Atom(self._imports.builtin(name))

    def _typing(self, name: str) -> str:
        return self._imports.name("typing", name)

    def _document(self, validator: Validator, name: str) -> str:
        if validator not in self._declared:
            if isinstance(validator, ObjectValidator):
                declared = self._object(validator, name, "result", "A document of a table.")
            else:
                declared = self._alias(name, self._union(flatten(validator), name, "result"))
            self._declared[validator] = declared
        return self._declared[validator]

    def _union(self, members: tuple[Validator, ...], name: str, direction: Direction) -> Node:
        literals: list[Node] = []
        types: list[Node] = []
        several = sum(isinstance(member, ObjectValidator) for member in members) > 1
        for number, member in enumerate(members, 1):
            if not isinstance(member, LiteralValidator):
                suffix = _member_suffix(member, number) if several else ""
                types.append(self._type(member, name + suffix, direction))
            elif isinstance(member.value, str):
                literals.append(Text(member.value))
            elif isinstance(member.value, Int64):
                types.append(self._scalar("int64", direction))
            elif isinstance(member.value, float):
                types.append(self._scalar("number", direction))
            else:
                literals.append(Atom(python_literal(member.value)))
        if literals:
            types.insert(0, subscript(self._typing("Literal"), *dict.fromkeys(literals)))
        if any(member.kind == "any" for member in members):
            return self._scalar("any", direction)
        # None is written last, as ruff wants it.
        ordered = sorted(dict.fromkeys(types), key=lambda node: node == _NONE)
        if len(ordered) == 1:
            return ordered[0]
        return self._tagged(Alternatives(tuple(ordered)), _tag(members))

    def _tagged(self, union: Node, tag: str | None) -> Node:
        """Say by which field the members of a union are told apart, if there is one."""
        if tag is None:
            return union
        field = call(self._imports.name("pydantic", "Field"), Labelled("discriminator=", Text(tag)))
        return subscript(self._typing("Annotated"), union, field)

    def _id(self, table: str) -> str:
        if table not in self._ids:
            field = call(
                self._imports.name("pydantic", "Field"),
                Labelled("description=", Text(f"Id of a document of table {table}")),
            )
            node = subscript(self._typing("Annotated"), self._builtin("str"), field)
            self._ids[table] = self._alias(f"{pascal_case(table)}Id", node)
        return self._ids[table]


def _member_suffix(member: Validator, number: int) -> str:
    """Tell the objects of a union apart: by their first string literal, else by number."""
    if not isinstance(member, ObjectValidator):
        return ""
    for field in member.fields.values():
        if isinstance(field, LiteralValidator) and isinstance(field.value, str):
            return pascal_case(field.value) or str(number)
    return str(number)


def _tag(members: tuple[Validator, ...]) -> str | None:
    """Return the field that holds another string literal in every object of a union of objects."""
    objects = [member for member in members if isinstance(member, ObjectValidator)]
    if len(objects) != len(members):
        return None
    for name in objects[0].fields:
        tags = [member.fields.get(name) for member in objects]
        texts = {
            tag.value
            for tag in tags
            if isinstance(tag, LiteralValidator) and isinstance(tag.value, str)
        }
        if len(texts) == len(members):
            return name
    return None
