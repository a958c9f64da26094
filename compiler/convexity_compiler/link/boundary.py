"""The boundary of a component: ids of its tables are plain strings to those who use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values import (
    ArrayValidator,
    IdValidator,
    ObjectValidator,
    OptionalValidator,
    RecordValidator,
    UnionValidator,
    v,
)

if TYPE_CHECKING:
    from convexity.values import Validator


def opaque(validator: Validator) -> Validator:
    """Return a validator with strings in place of ids."""
    match validator:
        case IdValidator():
            return v.string()
        case OptionalValidator(inner):
            return OptionalValidator(opaque(inner))
        case ArrayValidator(element):
            return ArrayValidator(opaque(element))
        case RecordValidator(key, value):
            return RecordValidator(opaque(key), opaque(value))
        case ObjectValidator(fields):
            return ObjectValidator({name: opaque(field) for name, field in fields.items()})
        case UnionValidator(members):
            return UnionValidator(tuple(map(opaque, members)))
        case _:
            return validator
