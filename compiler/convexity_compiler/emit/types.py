"""From validators to Python annotations (``language.md`` section 2), for every generated file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from convexity.values import (
    ArrayValidator,
    Int64,
    LiteralValidator,
    ObjectValidator,
    RecordValidator,
    Validator,
)
from convexity.values.validators import (
    IdValidator,
    NumberValidator,
    flatten,
    required,
)

from convexity_compiler.emit.imports import Imports
from convexity_compiler.emit.layout import Alternatives, Atom, Node, one_line, subscript
from convexity_compiler.emit.literals import python_literal
from convexity_compiler.emit.names import NameTable
from convexity_compiler.emit.typed_dict import TypedDictField, typed_dict
from convexity_compiler.link.pagination import is_pagination_options, paginated_item
from convexity_compiler.type_names import Place

SYSTEM_MARKERS: Final = {"_storage": "Storage", "_scheduled_functions": "ScheduledFunctions"}
"""Marker class of each system table in ``convexity.server``."""

_NONE: Final = Atom("None")
_BUILTINS: Final = {"boolean": "bool", "bytes": "bytes", "string": "str"}


@dataclass(frozen=True, slots=True)
class KnownTypes:
    """Types that are declared in one generated module and used in others.

    Attributes:
        module: That module, as the using module imports it; empty when they are one and the same.
        markers: Marker class by table name.
        objects: Name of the type of an object, by validator.
        unions: Name of the type of a union of objects, by its members.
        names: All names that the data model exports.

    """

    module: str
    markers: Mapping[str, str]
    objects: Mapping[ObjectValidator, str]
    unions: Mapping[frozenset[ObjectValidator], str]
    names: Collection[str]


class TypePrinter:
    """Prints annotations for one module, and the TypedDicts that they need."""

    def __init__(self, imports: Imports, names: NameTable, known: KnownTypes) -> None:
        self._imports = imports
        self._names = names
        self._known = known
        self.declarations: list[str] = []
        """Source of the TypedDicts declared so far, each before those that use it."""
        self.declared: dict[str, ObjectValidator] = {}
        """Validator of each of them by name."""

    def annotation(self, validator: Validator, place: Place) -> Node:
        """Annotation of a value; ``optional`` counts for nothing here."""
        match required(validator):
            case IdValidator(table_name):
                return self.id_of(table_name)
            case LiteralValidator() as literal:
                return self._literals([literal])
            case NumberValidator(integral):
                return self._builtin("int" if integral else "float")
            case ArrayValidator(element):
                inner = self.annotation(element, place.item())
                return subscript(self._imports.builtin("list"), inner)
            case RecordValidator(key, value):
                return subscript(
                    self._imports.builtin("dict"),
                    self.annotation(key, place),
                    self.annotation(value, place.value()),
                )
            case ObjectValidator() as shape:
                return self._object(shape, place)
            case value if value.kind == "union":
                return self._union(flatten(value), place)
            case value:
                return self._scalar(value.kind)

    def id_of(self, table: str) -> Node:
        """``Id[Users]``; ``Id[Any]`` for a table that the schema does not have."""
        identifier = self._imports.name("convexity.values", "Id")
        if table in SYSTEM_MARKERS:
            marker = self._imports.name("convexity.server", SYSTEM_MARKERS[table])
        elif table in self._known.markers:
            marker = self.known_name(self._known.markers[table])
        else:
            marker = self._any()
        return subscript(identifier, Atom(marker))

    def known_name(self, name: str) -> str:
        """Write the name of a type of the data model."""
        return self._imports.name(self._known.module, name) if self._known.module else name

    def or_unset(self, node: Node) -> Node:
        """``X | Unset``; what is anything already stays as it is."""
        if self.is_any(node):
            return node
        unset = Atom(self._imports.name("convexity.values", "Unset"))
        members = [member for member in _alternatives(node) if member != _NONE]
        null = [member for member in _alternatives(node) if member == _NONE]
        return Alternatives((*members, unset, *null))

    def or_none(self, node: Node) -> Node:
        """``X | None``, where X does not accept null yet."""
        if self.is_any(node):
            return node
        return Alternatives((*_alternatives(node), _NONE))

    def fields(self, shape: ObjectValidator, place: Place) -> list[TypedDictField]:
        """Fields of an object; optional ones are not required."""
        return [
            TypedDictField(
                name,
                self.annotation(validator, place.field(name)),
                is_required=not validator.is_optional,
            )
            for name, validator in shape.fields.items()
        ]

    def patch_fields(self, shape: ObjectValidator, place: Place) -> list[TypedDictField]:
        """Fields of a patch: none is required, and optional ones may be unset."""
        fields = []
        for name, validator in shape.fields.items():
            node = self.annotation(validator, place.field(name))
            fields.append(
                TypedDictField(name, self.or_unset(node) if validator.is_optional else node)
            )
        return fields

    def _object(self, shape: ObjectValidator, place: Place) -> Node:
        if is_pagination_options(shape):
            return Atom(self._imports.name("convexity.server", "PaginationOptions"))
        item = paginated_item(shape)
        if item is not None:
            result = self._imports.name("convexity.server", "PaginationResult")
            return subscript(result, self.annotation(item, place.field("page").item()))
        known = self._known.objects.get(shape)
        if known is not None:
            return Atom(self.known_name(known))
        name = self._names.claim(place.name, f"`{place.text}`")
        if self.declared.get(name) != shape:
            self.declared[name] = shape
            fields = self.fields(shape, place)
            self.declarations.append(typed_dict(name, fields, self._imports))
        return Atom(name)

    def _union(self, members: Sequence[Validator], place: Place) -> Node:
        """Members in order, literals gathered at the first of them, null last."""
        if any(member.kind == "any" for member in members):
            return Atom(self._any())
        literals = [member for member in members if isinstance(member, LiteralValidator)]
        objects = frozenset(member for member in members if isinstance(member, ObjectValidator))
        union = self._known.unions.get(objects)
        nodes: list[Node] = []
        for member, member_place in zip(members, place.members(members), strict=True):
            if union is not None and member in objects:
                nodes.append(Atom(self.known_name(union)))
            elif not isinstance(member, LiteralValidator):
                nodes.append(self.annotation(member, member_place))
            elif member is literals[0]:
                nodes.extend(_alternatives(self._literals(literals)))
        distinct = {one_line(node): node for node in nodes}
        ordered = [node for node in distinct.values() if node != _NONE]
        if len(ordered) < len(distinct):
            ordered.append(_NONE)
        return ordered[0] if len(ordered) == 1 else Alternatives(tuple(ordered))

    def _literals(self, literals: Iterable[LiteralValidator]) -> Node:
        """``Literal[...]``; a float, which ``Literal`` does not take, is any ``float``."""
        values = [literal.value for literal in literals]
        texts = dict.fromkeys(
            python_literal(int(value) if isinstance(value, Int64) else value)
            for value in values
            if not isinstance(value, float)
        )
        nodes: list[Node] = []
        if texts:
            head = self._imports.name("typing", "Literal")
            nodes.append(subscript(head, *map(Atom, texts)))
        if any(isinstance(value, float) for value in values):
            nodes.append(self._builtin("float"))
        return nodes[0] if len(nodes) == 1 else Alternatives(tuple(nodes))

    def _scalar(self, kind: str) -> Node:
        match kind:
            case "null":
                return _NONE
            case "any":
                return Atom(self._any())
            case "int64":
                return Atom(self._imports.name("convexity.values", "Int64"))
            case _:
                return self._builtin(_BUILTINS[kind])

    def _builtin(self, name: str) -> Node:
        return Atom(self._imports.builtin(name))

    def is_any(self, node: Node) -> bool:
        """Whether an annotation made here is ``Any``."""
        return isinstance(node, Atom) and node.text.rpartition(".")[2] == "Any"

    def _any(self) -> str:
        return self._imports.name("typing", "Any")


def _alternatives(node: Node) -> tuple[Node, ...]:
    return node.members if isinstance(node, Alternatives) else (node,)
