"""Integers of a command line as the int64 values that a function takes (wire-protocol 1.1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from convexity.values import (
    ArrayValidator,
    Int64,
    LiteralValidator,
    ObjectValidator,
    RecordValidator,
    UnionValidator,
    ValidationError,
)
from convexity.values.encoding import EncodingError, decode_value, encode_value
from convexity.values.validation import validate
from convexity.values.validators import Int64Validator, required

if TYPE_CHECKING:
    from convexity.values import Validator

_DECIMAL = re.compile(r"-?[0-9]{1,19}")


def encode_integers(validator: Validator, value: Any) -> Any:
    """Return JSON ``value`` with integers where ``validator`` has int64 in the encoded form.

    Both JSON integers and decimal text count, as results show them. What does not fit the validator
    stays as it is: the backend says what is wrong with it.
    """
    match required(validator):
        case UnionValidator() as union:
            return _as_member(union, value)
        case ObjectValidator(fields=fields) if isinstance(value, dict):
            return {
                name: encode_integers(fields[name], item) if name in fields else item
                for name, item in value.items()
            }
        case RecordValidator(value=element) if isinstance(value, dict):
            return {name: encode_integers(element, item) for name, item in value.items()}
        case ArrayValidator(element=element) if isinstance(value, list):
            return [encode_integers(element, item) for item in value]
        case Int64Validator() | LiteralValidator(value=Int64()):
            return _encoded(value)
        case _:
            return value


def _encoded(value: Any) -> Any:
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    if not is_integer and not (isinstance(value, str) and _DECIMAL.fullmatch(value)):
        return value
    try:
        return encode_value(Int64(value))
    except ValueError:  # out of range
        return value


def _as_member(union: UnionValidator, value: Any) -> Any:
    """Return ``value`` unchanged if a member takes it, else as the first member that takes it."""
    for candidate in (value, *(encode_integers(member, value) for member in union.members)):
        try:
            validate(union, decode_value(candidate))
        except (ValidationError, EncodingError, TypeError):
            continue
        return candidate
    return value
