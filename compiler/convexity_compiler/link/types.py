"""The type model of annotations: what parameter and return annotations mean, made comparable.

Each class is one row of the table in ``language.md`` section 2. Aliases, strings, ``Optional``,
``Unpack`` and generics are resolved before; what cannot be resolved is ``Unknown``, which agrees
with everything, so that rules never report what they cannot see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from convexity_compiler.records import value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from convexity_compiler.span import Span

PrimitiveName: TypeAlias = Literal[
    "None", "bool", "int", "float", "str", "bytes", "Int64", "Any", "object", "Value", "Unset"
]


@value
class Primitive:
    """A type without parts; ``Unset`` is the type of ``UNSET``."""

    name: PrimitiveName


@value
class IdType:
    """``Id[Marker]``; ``table`` is None for a marker that belongs to no known table."""

    table: str | None
    marker: str


@value
class LiteralType:
    """``Literal[...]``; an ``Int64`` stands here as the ``int`` that is written for it."""

    values: tuple[str | int | bool | bytes | None, ...]

    def __eq__(self, other: object) -> bool:
        """Compare types too: ``Literal[1]`` is not ``Literal[True]``."""
        if not isinstance(other, LiteralType):
            return NotImplemented
        return self.values == other.values and [*map(type, self.values)] == [
            *map(type, other.values)
        ]

    def __hash__(self) -> int:
        """Agree with equality."""
        return hash(self.values)


@value
class ListType:
    """``list[element]``; ``element`` is None for a bare ``list``."""

    element: TypeModel | None


@value
class DictType:
    """``dict[key, value]``; both are None for a bare ``dict``."""

    key: TypeModel | None
    value: TypeModel | None


@value
class TypedDictField:
    """A key of a TypedDict."""

    name: str
    type: TypeModel
    required: bool


@value
class TypedDictType:
    """A TypedDict with inherited fields and generic arguments filled in."""

    name: str
    fields: tuple[TypedDictField, ...]


@value
class RecursiveType:
    """A reference back to a TypedDict or alias that is being expanded."""

    name: str


@value
class UnionType:
    """``A | B``, flattened, without repetitions."""

    members: tuple[TypeModel, ...]


@value
class Unsupported:
    """A type that is understood and fits no Convex value, such as ``datetime`` or ``set[str]``."""

    text: str


@value
class Unknown:
    """An annotation that is missing or could not be resolved."""

    text: str
    reason: str


TypeModel: TypeAlias = (
    Primitive
    | IdType
    | LiteralType
    | ListType
    | DictType
    | TypedDictType
    | RecursiveType
    | UnionType
    | Unsupported
    | Unknown
)


@value
class AnnotatedType:
    """An annotation with its meaning."""

    type: TypeModel
    text: str
    """Source text of the annotation; empty when there is none."""
    span: Span | None
    """Place of the annotation, None when there is none."""


def members(model: TypeModel) -> Iterator[TypeModel]:
    """Yield the members of a union, or the type itself."""
    if isinstance(model, UnionType):
        yield from model.members
    else:
        yield model


def union_of(models: Iterable[TypeModel]) -> TypeModel:
    """Return the union of types: flattened, without repetitions, a single member alone."""
    found: list[TypeModel] = []
    for model in models:
        for member in model.members if isinstance(model, UnionType) else (model,):
            if member not in found:  # a hash would take longer: it goes through all fields
                found.append(member)
    return found[0] if len(found) == 1 else UnionType(tuple(found))


def type_text(model: TypeModel) -> str:
    """Return a type as an annotation."""
    match model:
        case Primitive(name=name) | RecursiveType(name=name) | TypedDictType(name=name):
            return name
        case IdType(marker=marker):
            return f"Id[{marker}]"
        case LiteralType(values=values):
            return f"Literal[{', '.join(map(repr, values))}]"
        case ListType(element=element):
            return "list" if element is None else f"list[{type_text(element)}]"
        case DictType(key=key, value=value):
            if key is None or value is None:
                return "dict"
            return f"dict[{type_text(key)}, {type_text(value)}]"
        case UnionType():
            return _union_text(model)
        case Unsupported(text=text) | Unknown(text=text):
            return text


def _union_text(model: UnionType) -> str:
    literals = [
        value for entry in model.members if isinstance(entry, LiteralType) for value in entry.values
    ]
    texts = [type_text(entry) for entry in model.members if not isinstance(entry, LiteralType)]
    if literals:
        texts.insert(0, type_text(LiteralType(tuple(literals))))
    if "None" in texts:
        texts.remove("None")
        texts.append("None")
    return " | ".join(texts)
