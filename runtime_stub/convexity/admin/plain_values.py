"""Values of files that do not know Convex's types: cells of CSV, integers of JSON."""

from __future__ import annotations

import re
from typing import Any, Final

import orjson

from convexity.values import Int64
from convexity.values.encoding import decode_value, encode_value
from convexity.values.validators import (
    ArrayValidator,
    LiteralValidator,
    ObjectValidator,
    RecordValidator,
    UnionValidator,
    Validator,
    flatten,
    required,
)

_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_INTEGER: Final = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_MOST: Final = 1 << 63
_NESTED: Final = ("array", "object", "record", "bytes")


def from_cell(text: str, validator: Validator | None) -> Any:
    """The value of a cell; ``...`` for one that leaves its field out.

    Args:
        text: What the cell holds.
        validator: That of the field; ``None`` if none is known. Then, a number is a number, and
            anything else a string.

    Raises:
        ValueError: no value that the validator may accept is written so.
    """
    if validator is None:
        return float(text) if _NUMBER.fullmatch(text) else text
    members = flatten(required(validator))
    kinds = {member.kind for member in members}
    if text == "" and validator.is_optional:
        return ...
    if text == "" and "null" in kinds:
        return None
    for member in members:
        value = _read(text, member)
        if value is not ...:
            return value
    if "any" in kinds:
        return float(text) if _NUMBER.fullmatch(text) else text
    if kinds & {"string", "id", "literal"}:
        return text  # The validator says what is wrong with it.
    raise ValueError(f"{text[:40]!r} is no {' or '.join(sorted(kinds))}")


def _read(text: str, member: Validator) -> Any:
    """The value that one alternative sees; ``...`` if none."""
    match member.kind:
        case "number" if _NUMBER.fullmatch(text):
            return float(text)
        case "int64" if _INTEGER.fullmatch(text) and -_MOST <= int(text) < _MOST:
            return Int64(int(text))
        case "boolean" if text.lower() in ("true", "false"):
            return text.lower() == "true"
        case "null" if text.lower() == "null":
            return None
        case "literal" if isinstance(member, LiteralValidator):
            return member.value if text == _shown(member.value) else ...
        case kind if kind in _NESTED:
            return _nested(text, member)
        case _:
            return ...


def _shown(value: object) -> str:
    """How people write the value of a literal."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _nested(text: str, member: Validator) -> Any:
    try:
        return decode_value(fitted(orjson.loads(text), member))
    except ValueError:
        return ...


def fitted(tree: Any, validator: Validator | None) -> Any:
    """A JSON tree, in which integers are int64 where the validator wants that.

    Args:
        tree: JSON.
        validator: Describes it; ``None``: nothing changes.
    """
    if validator is None:
        return tree
    validator = required(validator)
    if isinstance(validator, UnionValidator):
        kinds = {member.kind for member in flatten(validator)}
        if isinstance(tree, int) and kinds & {"number", "any"}:
            return tree
        for member in flatten(validator):
            tree = fitted(tree, member)
        return tree
    match tree:
        case bool():
            return tree
        case int() if validator.kind == "int64" and -_MOST <= tree < _MOST:
            return encode_value(Int64(tree))
        case list() if isinstance(validator, ArrayValidator):
            return [fitted(element, validator.element) for element in tree]
        case dict() if isinstance(validator, RecordValidator):
            return {name: fitted(value, validator.value) for name, value in tree.items()}
        case dict() if isinstance(validator, ObjectValidator):
            return {name: fitted(value, validator.fields.get(name)) for name, value in tree.items()}
        case _:
            return tree
