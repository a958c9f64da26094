"""Validators as JSON, as the admin interface and tools read them (``wire-protocol`` 9.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from convexity.values.encoding import decode_value, encode_value
from convexity.values.numbers import is_negative_zero
from convexity.values.validators import (
    AnyValidator,
    ArrayValidator,
    BooleanValidator,
    BytesValidator,
    Fields,
    IdValidator,
    Int64Validator,
    LiteralValidator,
    NullValidator,
    NumberValidator,
    ObjectValidator,
    RecordValidator,
    StringValidator,
    UnionValidator,
    Validator,
    as_optional,
    required,
)

_SIMPLE: Final[dict[str, Validator]] = {
    "null": NullValidator(),
    "number": NumberValidator(),
    "bigint": Int64Validator(),
    "boolean": BooleanValidator(),
    "string": StringValidator(),
    "bytes": BytesValidator(),
    "any": AnyValidator(),
}
_TYPE_NAMES: Final = {validator.kind: name for name, validator in _SIMPLE.items()}


def validator_to_json(validator: Validator, /) -> dict[str, Any]:
    """The JSON form of a validator; fields of objects are sorted by name.

    Raises:
        ValueError: the validator is optional, which only a field can be, or opaque.
    """
    if validator.kind in _TYPE_NAMES:
        return {"type": _TYPE_NAMES[validator.kind]}
    match validator:
        case IdValidator():
            return {"type": "id", "tableName": validator.table_name}
        case LiteralValidator():
            return {"type": "literal", "value": encode_value(validator.value)}
        case ArrayValidator():
            return {"type": "array", "value": validator_to_json(validator.element)}
        case RecordValidator():
            keys, values = validator_to_json(validator.key), _field_to_json(validator.value)
            return {"type": "record", "keys": keys, "values": values}
        case UnionValidator():
            return {"type": "union", "value": [validator_to_json(m) for m in validator.members]}
        case ObjectValidator() if validator.kind == "object":
            return {"type": "object", "value": _fields_to_json(validator.fields)}
        case _:
            raise ValueError(f"{validator!r} ({validator.kind}) has no JSON form of its own")


def validator_from_json(tree: object, /) -> Validator:
    """The validator that a JSON form describes.

    Literals that are whole numbers become ``int`` literals.

    Raises:
        ValueError: the tree describes no validator.
    """
    body = _mapping(tree)
    kind = body.get("type")
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    match kind:
        case "id":
            return IdValidator(_member(body, "tableName"))
        case "literal":
            return LiteralValidator(_literal(_member(body, "value")))
        case "array":
            return ArrayValidator(validator_from_json(_member(body, "value")))
        case "record":
            keys = validator_from_json(_member(body, "keys"))
            return RecordValidator(keys, _field_from_json(_member(body, "values")))
        case "union":
            members = _member(body, "value")
            if not isinstance(members, list):
                raise ValueError(f"a union needs a list of validators, not {members!r}")
            return UnionValidator(tuple(validator_from_json(member) for member in members))
        case "object":
            fields = _mapping(_member(body, "value"))
            return ObjectValidator({name: _field_from_json(f) for name, f in fields.items()})
        case _:
            raise ValueError(f"there is no validator of type {kind!r}")


def _fields_to_json(fields: Fields) -> dict[str, Any]:
    return {name: _field_to_json(fields[name]) for name in sorted(fields)}


def _field_to_json(field: Validator) -> dict[str, Any]:
    return {"fieldType": validator_to_json(required(field)), "optional": field.is_optional}


def _field_from_json(tree: object) -> Validator:
    body = _mapping(tree)
    validator = validator_from_json(_member(body, "fieldType"))
    return as_optional(validator) if body.get("optional") is True else validator


def _literal(tree: object) -> Any:
    value = decode_value(tree)
    if isinstance(value, float) and value.is_integer() and not is_negative_zero(value):
        return int(value)
    return value


def _mapping(tree: object) -> Mapping[str, Any]:
    if not isinstance(tree, Mapping):
        raise ValueError(f"expected a JSON object that describes a validator, not {tree!r}")
    return tree


def _member(body: Mapping[str, Any], name: str) -> Any:
    if name not in body:
        raise ValueError(f"the description of a {body.get('type', 'field')!r} lacks {name!r}")
    return body[name]
