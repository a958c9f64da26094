"""pydantic-core schemas of validators, for native values and for JSON trees from the wire.

Each schema accepts a subset of what the reference path accepts and gives the same result. Parts
that pydantic-core cannot express soundly (any, overlapping unions) are functions that ask the
reference path about that part alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pydantic_core import core_schema

from convexity.values.encoding import decode_value
from convexity.values.ids import decode_id
from convexity.values.limits import MAX_ARRAY_LENGTH, MAX_OBJECT_FIELDS
from convexity.values.validation import Context, check, check_record_key
from convexity.values.validators import (
    ArrayValidator,
    IdValidator,
    LiteralValidator,
    NumberValidator,
    ObjectValidator,
    RecordValidator,
    UnionValidator,
    Validator,
    flatten,
    required,
)
from convexity.values.value import Int64

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

_LONGEST_STRING: Final = 2**31
"""More than any string has; a length limit makes pydantic-core look for lone surrogates."""
_FAMILIES: Final = {
    "integral": "number",
    "id": "string",
    "opaque": "object",
    "record": "object",
}


def native_schema(validator: Validator, table_numbers: Mapping[str, int] | None, /) -> CoreSchema:
    """Schema for values as Python code holds them."""
    return _schema(validator, _Target(Context(table_numbers), from_wire=False))


def wire_schema(validator: Validator, table_numbers: Mapping[str, int] | None, /) -> CoreSchema:
    """Schema for JSON trees as clients send them."""
    return _schema(validator, _Target(Context(table_numbers), from_wire=True))


@dataclass(frozen=True, slots=True)
class _Target:
    context: Context
    from_wire: bool

    def inside(self) -> _Target:
        return _Target(self.context.inside(), self.from_wire)


def _schema(validator: Validator, target: _Target) -> CoreSchema:
    validator = required(validator)
    if validator.kind in _CONTAINERS and not target.context.room:
        return _by_reference(validator, target)
    return _SCHEMAS.get(validator.kind, _by_reference)(validator, target)


def _by_reference(validator: Validator, target: _Target) -> CoreSchema:
    """A part that the reference path decides; its errors are ``ValueError``, as needed here."""
    context = target.context

    def check_native(value: object) -> Any:
        return check(validator, value, context)

    def check_wire(tree: object) -> Any:
        return check(validator, decode_value(tree), context)

    return core_schema.no_info_plain_validator_function(
        check_wire if target.from_wire else check_native
    )


def _null(_validator: Validator, _target: _Target) -> CoreSchema:
    return core_schema.none_schema()


def _boolean(_validator: Validator, _target: _Target) -> CoreSchema:
    return core_schema.bool_schema(strict=True)


def _string(_validator: Validator, _target: _Target) -> CoreSchema:
    return core_schema.str_schema(strict=True, max_length=_LONGEST_STRING)


def _number(validator: NumberValidator, target: _Target) -> CoreSchema:
    if validator.integral:
        return _by_reference(validator, target)
    if target.from_wire:
        return core_schema.float_schema(strict=True, allow_inf_nan=False)
    return core_schema.no_info_plain_validator_function(_native_number)


def _native_number(value: object) -> float:
    if type(value) is float:
        return value
    if type(value) is int and -(2**53) <= value <= 2**53:
        return float(value)
    raise ValueError


def _int64(validator: Validator, target: _Target) -> CoreSchema:
    if target.from_wire:
        return _by_reference(validator, target)
    return core_schema.no_info_plain_validator_function(_native_int64)


def _native_int64(value: object) -> Int64:
    if type(value) is Int64:
        return value
    if type(value) is int:
        return Int64(value)
    raise ValueError


def _bytes(validator: Validator, target: _Target) -> CoreSchema:
    if target.from_wire:
        return _by_reference(validator, target)
    return core_schema.no_info_plain_validator_function(_native_bytes)


def _native_bytes(value: object) -> bytes:
    if type(value) is bytes:
        return value
    raise ValueError


def _literal(validator: LiteralValidator, target: _Target) -> CoreSchema:
    if isinstance(validator.value, str):
        return core_schema.literal_schema([validator.value])
    return _by_reference(validator, target)


def _id(validator: IdValidator, target: _Target) -> CoreSchema:
    return core_schema.no_info_after_validator_function(
        _table_check(target.context, validator.table_name), core_schema.str_schema(strict=True)
    )


def _table_check(context: Context, table: str) -> Callable[[str], str]:
    """Accept the ids of a table, whose number an import of documents may change."""
    numbers = context.table_numbers
    if numbers is None or table not in numbers:
        return _id_check(context.table_number(table))
    return lambda text: _id_check(numbers[table])(text)


@lru_cache(maxsize=1024)
def _id_check(table_number: int | None) -> Callable[[str], str]:
    """Accept the ids of a table, or of any; those that were accepted lately at once."""

    @lru_cache(maxsize=4096)
    def check(text: str) -> str:
        if table_number not in (None, decode_id(text).table_number):
            raise ValueError
        return text

    return check


def _array(validator: ArrayValidator, target: _Target) -> CoreSchema:
    return core_schema.list_schema(
        _schema(validator.element, target.inside()),
        strict=True,
        max_length=MAX_ARRAY_LENGTH,
        fail_fast=True,
    )


def _record(validator: RecordValidator, target: _Target) -> CoreSchema:
    key_schema = _schema(validator.key, target.inside())
    key_schema = core_schema.no_info_before_validator_function(_record_key, key_schema)
    return core_schema.dict_schema(
        key_schema,
        _schema(validator.value, target.inside()),
        strict=True,
        max_length=MAX_OBJECT_FIELDS,
    )


def _record_key(key: object) -> object:
    check_record_key(key)
    return key


def _object(validator: ObjectValidator, target: _Target) -> CoreSchema:
    inside = target.inside()
    fields = {
        name: core_schema.typed_dict_field(_schema(field, inside), required=not field.is_optional)
        for name, field in validator.fields.items()
    }
    return core_schema.typed_dict_schema(fields, strict=True, extra_behavior="forbid")


def _union(validator: UnionValidator, target: _Target) -> CoreSchema:
    """Members of different families cannot be confused; others need care or the reference path."""
    families: dict[str, list[Validator]] = {}
    for member in flatten(validator):
        families.setdefault(_family(member), []).append(member)
    numeric = {"number", "int64"} <= families.keys() and not target.from_wire
    if numeric or "any" in families:
        return _by_reference(validator, target)
    choices: list[CoreSchema] = []
    for family, members in families.items():
        if len(members) == 1:
            choices.append(_schema(members[0], target))
        elif family == "string":
            choices.extend(_strings(members, target))
        elif family == "object" and (tag := _tag_field(members)) is not None:
            choices.append(_tagged(members, tag, target))
        else:
            return _by_reference(validator, target)
    if len(choices) == 1:
        return choices[0]
    return core_schema.union_schema(list(choices), mode="left_to_right")


def _family(member: Validator) -> str:
    """What Python type decides about a member, in native values and on the wire alike."""
    if isinstance(member, LiteralValidator):
        value = member.value
        for kind, name in ((bool, "boolean"), (str, "string"), (float, "number")):
            if isinstance(value, kind):
                return name
        return "int64" if type(value) is not int else "number"
    return _FAMILIES.get(member.kind, member.kind)


def _strings(members: list[Validator], target: _Target) -> list[CoreSchema]:
    """All of them give back the string itself, so their order means nothing."""
    if any(member.kind == "string" for member in members):
        return [_string(members[0], target)]
    literals = [member.value for member in members if isinstance(member, LiteralValidator)]
    schemas = [_schema(member, target) for member in members if member.kind == "id"]
    return [core_schema.literal_schema(literals), *schemas] if literals else schemas


def _tag_field(members: list[Validator]) -> str | None:
    """A field that is a required string literal in every member, each with other values."""
    tags = [_tags(member) for member in members]
    for name in tags[0]:
        if all(name in tag for tag in tags):
            values = [value for tag in tags for value in tag[name]]
            if len(values) == len(set(values)):
                return name
    return None


def _tags(member: Validator) -> dict[str, list[str]]:
    """Values of the fields that are required string literals or unions of these."""
    if not isinstance(member, ObjectValidator):
        return {}
    found: dict[str, list[str]] = {}
    for name, field in member.fields.items():
        values = [
            leaf.value if isinstance(leaf, LiteralValidator) else None for leaf in flatten(field)
        ]
        strings = [value for value in values if isinstance(value, str)]
        if len(strings) == len(values):
            found[name] = list(dict.fromkeys(strings))
    return found


def _tagged(members: list[Validator], tag: str, target: _Target) -> CoreSchema:
    choices = {
        value: schema
        for member in members
        for schema in [_schema(member, target)]
        for value in _tags(member)[tag]
    }
    return core_schema.tagged_union_schema(choices, tag, strict=True)


_CONTAINERS: Final = frozenset(("array", "record", "object", "opaque"))
_SchemaOf: TypeAlias = Callable[[Any, _Target], "CoreSchema"]
_SCHEMAS: Final[dict[str, _SchemaOf]] = {
    "null": _null,
    "boolean": _boolean,
    "string": _string,
    "number": _number,
    "int64": _int64,
    "bytes": _bytes,
    "literal": _literal,
    "id": _id,
    "array": _array,
    "record": _record,
    "object": _object,
    "opaque": _object,
    "union": _union,
}
