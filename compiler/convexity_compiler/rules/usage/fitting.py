"""Whether values, as far as they are known, fit a validator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from convexity.values import (
    ArrayValidator,
    IdValidator,
    Int64,
    LiteralValidator,
    ObjectValidator,
    OptionalValidator,
    RecordValidator,
)
from convexity.values.validators import accepts_null, flatten

from convexity_compiler.link import types as t
from convexity_compiler.link.meaning import meaning
from convexity_compiler.records import value
from convexity_compiler.rules.usage.call_types import NONE
from convexity_compiler.rules.usage.literals import misfits
from convexity_compiler.rules.usage.local_types import present
from convexity_compiler.summary import expressions as e

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity.values import Validator

    from convexity_compiler.link.types import TypeModel
    from convexity_compiler.rules.usage.local_types import LocalTypes
    from convexity_compiler.span import Span

MisfitKind: TypeAlias = Literal["literal", "id", "non_value", "type"]

_ACCEPTING: Final[dict[str, frozenset[str]]] = {
    "bool": frozenset({"boolean"}),
    "bytes": frozenset({"bytes"}),
    "float": frozenset({"number"}),
    "int": frozenset({"number", "int64"}),
    "Int64": frozenset({"number", "int64"}),
    "None": frozenset({"null"}),
    "str": frozenset({"string", "id"}),
}
"""Kinds of validators that may let a value of a type through."""
_ALIKE: Final = (
    (t.TypedDictType, ObjectValidator),
    (t.ListType, ArrayValidator),
    (t.IdType, IdValidator),
)
_CLASSES: Final[dict[type, str]] = {
    bool: "bool",
    int: "int",
    Int64: "int",
    str: "str",
    bytes: "bytes",
    type(None): "None",
}


@value
class Refusal:
    """Why no value of a type fits a validator."""

    kind: MisfitKind
    path: tuple[str, ...]
    """Fields on the way, ``[]`` for elements and values."""
    model: TypeModel
    validator: Validator
    reason: str
    """One clause without a full stop."""


@value
class TypedMisfit:
    """A place in an expression whose value its validator refuses."""

    span: Span
    kind: MisfitKind
    reason: str
    """One clause without a full stop, with the path into the value where it is not the whole."""
    suggestion: str = ""
    """The name of a field that may be meant."""
    expression: e.Expr | None = None
    """The expression there, if it is no literal."""
    refusal: Refusal | None = None


def typed_misfits(
    validator: Validator, expression: e.Expr, types: LocalTypes
) -> Iterator[TypedMisfit]:
    """Yield where the values within an expression that are no literals do not fit."""
    if isinstance(validator, OptionalValidator):
        validator = validator.inner
    expression = types.display(expression)
    match expression:
        case e.Conditional(body=body, otherwise=otherwise):
            yield from typed_misfits(validator, body, types)
            yield from typed_misfits(validator, otherwise, types)
        case e.Dict():
            yield from _dict_misfits(validator, expression, types)
        case e.List(elements=elements):
            if isinstance(validator, ArrayValidator):
                for element in elements:
                    yield from typed_misfits(validator.element, element, types)
        case e.Comprehension(kind="list", element=element):
            if isinstance(validator, ArrayValidator):
                yield from literal_misfits(validator.element, element, types)
                yield from typed_misfits(validator.element, element, types)
        case e.Constant() | e.FormattedString():
            pass
        case _:
            yield from _value_misfits(validator, expression, types)


def literal_misfits(
    validator: Validator, expression: e.Expr, types: LocalTypes
) -> Iterator[TypedMisfit]:
    """Yield where the literals within an expression do not fit."""
    for misfit in misfits(validator, types.display(expression)):
        yield TypedMisfit(misfit.span, "literal", misfit.reason, misfit.suggestion)


def refusal(model: TypeModel, validator: Validator, types: LocalTypes) -> Refusal | None:
    """Return why no value of a type fits a validator; None where one may.

    Members of a union are looked at one by one, since a test may have ruled out the others.
    """
    return _refused(model, validator, types, ())


def _value_misfits(
    validator: Validator, expression: e.Expr, types: LocalTypes
) -> Iterator[TypedMisfit]:
    model = types.of(expression)
    found = None if model is None else refusal(model, validator, types)
    if found is not None:
        path = ".".join(found.path).replace(".[]", "[]")
        reason = f"at `{path}`: {found.reason}" if path else found.reason
        yield TypedMisfit(expression.span, found.kind, reason, expression=expression, refusal=found)


def _dict_misfits(
    validator: Validator, literal: e.Dict, types: LocalTypes
) -> Iterator[TypedMisfit]:
    shape = _shape(validator, literal)
    for item in literal.items:
        if item.key is None:
            if isinstance(shape, ObjectValidator):
                yield from _unpacked_misfits(shape, item, types)
            continue
        field: Validator | None = None
        if isinstance(shape, RecordValidator):
            field = shape.value
        elif isinstance(shape, ObjectValidator) and isinstance(item.key, e.Constant):
            field = shape.fields.get(str(item.key.value))
        if field is not None:
            yield from typed_misfits(field, item.value, types)


def _shape(validator: Validator, literal: e.Dict) -> Validator | None:
    """The member of a union that a dict must fit, if there is but one."""
    members = [
        member
        for member in flatten(validator)
        if isinstance(member, (ObjectValidator, RecordValidator)) or member.kind == "any"
    ]
    fitting = [member for member in members if not misfits(member, literal)]
    candidates = fitting or members
    return candidates[0] if len(candidates) == 1 else None


def _unpacked_misfits(
    shape: ObjectValidator, item: e.DictItem, types: LocalTypes
) -> Iterator[TypedMisfit]:
    model = types.of(item.value)
    if not isinstance(model, t.TypedDictType):
        return
    extra = [field.name for field in model.fields if field.required]
    extra = [name for name in extra if name not in shape.fields]
    if extra:
        yield TypedMisfit(item.value.span, "type", _extra(extra), expression=item.value)


def _refused(
    model: TypeModel, validator: Validator, types: LocalTypes, path: tuple[str, ...]
) -> Refusal | None:
    if isinstance(validator, OptionalValidator):
        validator = validator.inner
    members = present(model)
    if not members:
        if NONE not in t.members(model) or accepts_null(validator):
            return None
        return _refusal("type", path, model, validator)
    found = [_member_refused(member, validator, types, path) for member in members]
    first = found[0]
    if first is None or None in found:
        return None
    if len(found) == 1:
        return first
    kinds = {entry.kind for entry in found if entry is not None}
    return _refusal(first.kind if len(kinds) == 1 else "type", path, model, validator)


def _member_refused(
    model: TypeModel, validator: Validator, types: LocalTypes, path: tuple[str, ...]
) -> Refusal | None:
    non_value = types.non_value(model)
    if non_value is not None:
        reason = f"a `{non_value.name}` is no Convex value"
        return Refusal("non_value", path, model, validator, reason)
    options = flatten(validator)
    found = [_option_refused(model, option, types, path) for option in options]
    if None in found:
        return None
    alike = [
        entry
        for option, entry in zip(options, found, strict=True)
        if entry is not None and _is_alike(model, option)
    ]
    if len(alike) == 1:
        return alike[0]
    if len(found) == 1:
        return found[0]
    kind: MisfitKind = "id" if alike and isinstance(model, t.IdType) else "type"
    return _refusal(kind, path, model, validator)


def _is_alike(model: TypeModel, validator: Validator) -> bool:
    """Whether a type and a validator differ in their parts alone."""
    return any(isinstance(model, kind) and isinstance(validator, other) for kind, other in _ALIKE)


def _option_refused(
    model: TypeModel, option: Validator, types: LocalTypes, path: tuple[str, ...]
) -> Refusal | None:
    """Compare a type with a validator, neither of them a union."""
    if option.kind in ("any", "opaque"):
        return None
    accepted = True
    match model:
        case t.Primitive(name=name):
            kinds = _ACCEPTING.get(name)
            accepted = kinds is None or option.kind in kinds or _literal_of(option, kinds)
        case t.LiteralType(values=values):
            kinds = frozenset().union(*map(_kinds_of, values))
            accepted = option.kind in kinds or _literal_of(option, kinds)
        case t.IdType(table=table):
            if isinstance(option, IdValidator):
                if table in (None, option.table_name):
                    return None
                reason = f"the id is of table `{table}`, not of `{option.table_name}`"
                return Refusal("id", path, model, option, reason)
            accepted = option.kind == "string"
        case t.ListType(element=element):
            if isinstance(option, ArrayValidator) and element is not None:
                return _refused(element, option.element, types, (*path, "[]"))
            accepted = isinstance(option, ArrayValidator)
        case t.DictType():
            accepted = isinstance(option, (RecordValidator, ObjectValidator))
        case t.TypedDictType():
            if isinstance(option, ObjectValidator):
                return _object_refused(model, option, types, path)
            accepted = isinstance(option, RecordValidator)
    return None if accepted else _refusal("type", path, model, option)


def _object_refused(
    model: t.TypedDictType, option: ObjectValidator, types: LocalTypes, path: tuple[str, ...]
) -> Refusal | None:
    fields = {field.name: field for field in model.fields}
    extra = [name for name, field in fields.items() if field.required and name not in option.fields]
    if extra:
        return Refusal("type", path, model, option, _extra(extra))
    missing = [
        name
        for name, field in option.fields.items()
        if not field.is_optional and name not in fields
    ]
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        reason = f"`{model.name}` has no {'field' if len(missing) == 1 else 'fields'} {names}"
        return Refusal("type", path, model, option, reason)
    for name, field in fields.items():
        if name in option.fields:
            found = _refused(field.type, option.fields[name], types, (*path, name))
            if found is not None:
                return found
    return None


def _kinds_of(value: object) -> frozenset[str]:
    return _ACCEPTING.get(_CLASSES.get(type(value), ""), frozenset())


def _literal_of(option: Validator, kinds: frozenset[str]) -> bool:
    """Whether a value of one of these kinds may be the literal of a validator."""
    return isinstance(option, LiteralValidator) and bool(_kinds_of_literal(option) & kinds)


def _kinds_of_literal(option: LiteralValidator) -> frozenset[str]:
    return frozenset({"number"}) if isinstance(option.value, float) else _kinds_of(option.value)


def _extra(names: list[str]) -> str:
    listed = ", ".join(f"`{name}`" for name in names)
    return f"the validator has no {'field' if len(names) == 1 else 'fields'} {listed}"


def _refusal(
    kind: MisfitKind, path: tuple[str, ...], model: TypeModel, validator: Validator
) -> Refusal:
    found = " | ".join(t.type_text(entry) for entry in t.members(model))
    reason = f"expected {meaning(validator)}, found `{found}`"
    return Refusal(kind, path, model, validator, reason)
