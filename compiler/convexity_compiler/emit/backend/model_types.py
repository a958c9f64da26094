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
from convexity_compiler.emit.backend.names import NameScope, is_plain_name, pascal_case
from convexity_compiler.emit.layout import (
    Alternatives,
    Atom,
    Group,
    Labelled,
    Node,
    Text,
    call,
    subscript,
)
from convexity_compiler.emit.literals import python_literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from convexity.values import Validator

Direction: TypeAlias = Literal["request", "result"]

WIRE_TYPES: dict[tuple[str, Direction], str] = {
    ("null", "request"): "None",
    ("null", "result"): "None",
    ("boolean", "request"): "bool",
    ("boolean", "result"): "bool",
    ("string", "request"): "str",
    ("string", "result"): "str",
    ("any", "request"): "Any",
    ("any", "result"): "Any",
    ("number", "request"): "Number",
    ("number", "result"): "NumberResult",
    ("int64", "request"): "EncodedInt64",
    ("int64", "result"): "Int64Result",
    ("bytes", "request"): "EncodedBytes",
    ("bytes", "result"): "BytesResult",
}
"""Types of the kinds without parts: builtins and names of ``convexity.http.wire_types``."""
_SHADOWABLE = frozenset({"str", "int", "bool", "list", "dict"})
MODEL_IMPORTS = frozenset(
    {name for name in WIRE_TYPES.values() if name not in {"None", "str", "bool"}}
    | {"Annotated", "Field", "Literal", "NotRequired", "TypeAlias", "TypedDict"}
)
"""Names that a module of models may import; no model takes one of them."""


@dataclass(frozen=True, slots=True)
class Model:
    """A ``TypedDict`` that describes a JSON object."""

    name: str
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
        documents: Validators of whole documents and the names of their types; a result that
            equals one of them takes that name.

    """

    def __init__(self, documents: Mapping[Validator, str]) -> None:
        self.definitions: list[Model | Alias] = []
        self._documents = documents
        self._names = NameScope(MODEL_IMPORTS)
        self._named: dict[tuple[Direction, Validator], str] = {}
        self._ids: dict[str, str] = {}

    def add(self, validator: Validator, name: str, direction: Direction) -> str:
        """Define the type of ``validator`` as ``name``; return the name it got."""
        if isinstance(validator, ObjectValidator) and validator not in self._documents:
            return self._object(validator, name, direction)
        return self._alias(name, self._type(validator, name, direction))

    def _alias(self, name: str, node: Node) -> str:
        alias = self._names.claim(name)
        self.definitions.append(Alias(alias, node))
        return alias

    def _object(self, validator: ObjectValidator, name: str, direction: Direction) -> str:
        known = self._named.get((direction, validator))
        if known is not None:
            return known
        model = self._names.claim(name)
        self._named[direction, validator] = model
        shadowed = _SHADOWABLE.intersection(validator.fields)
        fields = tuple(
            (field, _qualified(self._type(inner, model + pascal_case(field), direction), shadowed))
            for field, inner in validator.fields.items()
        )
        functional = any(
            not is_plain_name(field) or field.startswith("__") or field[0].isupper()
            for field in validator.fields
        )
        self.definitions.append(Model(model, fields, functional))
        return model

    def _type(self, validator: Validator, name: str, direction: Direction) -> Node:
        if direction == "result" and validator in self._documents:
            return Atom(self._document(validator, self._documents[validator]))
        match validator:
            case OptionalValidator():
                return subscript("NotRequired", self._type(validator.inner, name, direction))
            case IdValidator():
                return Atom(self._id(validator.table_name))
            case LiteralValidator() | UnionValidator():
                return self._union(flatten(validator), name, direction)
            case ArrayValidator():
                return subscript("list", self._type(validator.element, f"{name}Item", direction))
            case RecordValidator():
                value = self._type(validator.value, f"{name}Value", direction)
                return subscript("dict", Atom("str"), value)
            case ObjectValidator():
                return Atom(self._object(validator, name, direction))
            case NumberValidator() if validator.integral:
                return Atom("int")
            case _:
                return Atom(WIRE_TYPES[validator.kind, direction])

    def _document(self, validator: Validator, name: str) -> str:
        if isinstance(validator, ObjectValidator):
            return self._object(validator, name, "result")
        if ("result", validator) not in self._named:
            node = self._union(flatten(validator), name, "result")
            self._named["result", validator] = self._alias(name, node)
        return self._named["result", validator]

    def _union(self, members: Iterable[Validator], name: str, direction: Direction) -> Node:
        literals: list[Node] = []
        types: list[Node] = []
        for member in members:
            if not isinstance(member, LiteralValidator):
                types.append(self._type(member, name, direction))
            elif isinstance(member.value, str):
                literals.append(Text(member.value))
            elif isinstance(member.value, Int64):
                types.append(Atom(WIRE_TYPES["int64", direction]))
            elif isinstance(member.value, float):
                types.append(Atom(WIRE_TYPES["number", direction]))
            else:
                literals.append(Atom(python_literal(member.value)))
        if literals:
            types.insert(0, subscript("Literal", *dict.fromkeys(literals)))
        if Atom("Any") in types:
            return Atom("Any")
        # None is written last, as ruff wants it.
        ordered = sorted(dict.fromkeys(types), key=lambda node: node == Atom("None"))
        return ordered[0] if len(ordered) == 1 else Alternatives(tuple(ordered))

    def _id(self, table: str) -> str:
        if table not in self._ids:
            description = Text(f"Id of a document of table {table}")
            node = subscript(
                "Annotated", Atom("str"), call("Field", Labelled("description=", description))
            )
            self._ids[table] = self._alias(f"{pascal_case(table)}Id", node)
        return self._ids[table]


def _qualified(node: Node, names: frozenset[str]) -> Node:
    """Write ``builtins.`` before builtins that a field of the same class would hide."""
    match node:
        case Atom(text) if text in names:
            return Atom(f"builtins.{text}")
        case Group(opening, items, closing, trailing_comma):
            prefix = "builtins." if opening.removesuffix("[") in names else ""
            inner = tuple(_qualified(item, names) for item in items)
            return Group(prefix + opening, inner, closing, trailing_comma)
        case Alternatives(members):
            return Alternatives(tuple(_qualified(member, names) for member in members))
        case _:
            return node
