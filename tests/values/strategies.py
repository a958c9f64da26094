"""Random values, validators, and values that match a validator or nearly do."""

from __future__ import annotations

import enum
import string
import struct
from typing import Any

from convexity.values import UNSET, Int64, Validator, v
from convexity.values.ids import encode_id
from convexity.values.validators import (
    ArrayValidator,
    IdValidator,
    LiteralValidator,
    ObjectValidator,
    RecordValidator,
    UnionValidator,
    integral_number,
    required,
)
from hypothesis import strategies as st

TABLE_NUMBERS = {"users": 10001, "messages": 10002}


class Colour(enum.StrEnum):
    RED = "red"


class Text(str):
    __slots__ = ()


class Shade(enum.Enum):
    RED = "red"
    ONE = 1


def same(left: object, right: object) -> bool:
    """Equality that tells types, -0.0 and NaN payloads apart."""
    if type(left) is not type(right):
        return False
    if isinstance(left, float):
        return struct.pack("<d", left) == struct.pack("<d", right)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return left == right


int64s = st.integers(-(2**63), 2**63 - 1).map(Int64) | st.integers(-300, 300).map(Int64)
numbers = st.floats() | st.sampled_from([0.0, -0.0, 1.0, float("inf"), float("nan")])
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=5) | st.sampled_from(
    ["", "red", "a\0", "a\x01", "a\0b", "\x01", "é", "𐀀", "\uffff"]
)
scalars = st.none() | st.booleans() | int64s | numbers | texts | st.binary(max_size=5)
value_keys = st.text(string.printable[:95], max_size=3).filter(lambda name: name[:1] != "$")
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(value_keys, inner, max_size=4),
    max_leaves=8,
)

ids = st.builds(
    encode_id,
    st.sampled_from([10001, 10002, 10003, 540]),
    st.sampled_from([bytes(16), bytes(range(16))]),
)
odd_values: st.SearchStrategy[Any] = (
    st.integers(-3, 3)
    | st.sampled_from(
        [2**53, 2**53 + 1, 2**63, 2**70, 10**400, -(10**400), UNSET, (), (1.0,), {1.0}, object]
    )
    | st.sampled_from([Colour.RED, Text("red"), Shade.RED, Shade.ONE, "\ud800", bytearray(b"a")])
    | st.sampled_from([{1: 2.0}, {"$a": 1.0}, {"é": 1.0}, {"_x": 1.0}, {"": 1.0}, {"a": UNSET}])
    | ids
)

field_names = st.sampled_from(["a", "b", "kind", "from", "_id"])
literals = st.sampled_from(
    ["red", "blue", "", 0, 1, 1.0, -0.0, 2.5, True, False, Int64(0), Int64(1)]
)
id_validators = st.sampled_from(["users", "messages", "_storage", "unknown"]).map(v.id)
scalar_validators: st.SearchStrategy[Validator] = (
    st.sampled_from([v.null(), v.number(), integral_number(), v.int64(), v.boolean(), v.string()])
    | st.sampled_from([v.bytes(), v.any()])
    | id_validators
    | literals.map(v.literal)
)
record_keys: st.SearchStrategy[Validator] = (
    st.just(v.string()) | id_validators | id_validators.map(lambda key: v.union(key, v.string()))
)


def _composite(inner: st.SearchStrategy[Validator]) -> st.SearchStrategy[Validator]:
    fields = st.dictionaries(field_names, inner | inner.map(v.optional), max_size=4)
    tagged = st.builds(
        lambda red, blue: v.union(
            v.object({**red, "kind": v.literal("red")}),
            v.object({**blue, "kind": v.literal("blue", "green")}),
        ),
        fields,
        fields,
    )
    return (
        inner.map(v.array)
        | st.builds(v.record, record_keys, inner)
        | fields.map(v.object)
        | st.lists(inner, min_size=1, max_size=3).map(lambda members: v.union(*members))
        | inner.map(v.nullable)
        | tagged
    )


validators: st.SearchStrategy[Validator] = st.recursive(scalar_validators, _composite, max_leaves=6)


@st.composite
def nearly_matching(draw: st.DrawFn, validator: Validator, odds: int = 8) -> Any:
    """A value for the validator in which each part is replaced with a chance of 1 to ``odds``."""
    if draw(st.integers(0, odds)) == odds:
        return draw(scalars | odd_values)
    validator = required(validator)
    part = lambda inner: nearly_matching(inner, odds)  # noqa: E731 - shorter than a def here
    match validator:
        case LiteralValidator():
            return draw(st.sampled_from([validator.value, 1, 1.0, True, Int64(1), "red"]))
        case IdValidator():
            return draw(ids)
        case ArrayValidator():
            return draw(st.lists(part(validator.element), max_size=3))
        case RecordValidator():
            keys = part(validator.key).filter(lambda key: isinstance(key, str | int))
            return draw(st.dictionaries(keys, part(validator.value), max_size=3))
        case UnionValidator():
            return draw(part(draw(st.sampled_from(validator.members))))
        case ObjectValidator():
            out = {}
            for name, field in validator.fields.items():
                if not field.is_optional or draw(st.booleans()):
                    out[name] = draw(part(field))
            if draw(st.integers(0, odds)) == odds:
                out[draw(st.sampled_from(["extra", "a", "$float"]))] = draw(scalars)
            return out
    simple: dict[str, st.SearchStrategy[Any]] = {
        "null": st.none(),
        "number": numbers | st.integers(-5, 5) | st.integers(-5, 5).map(float),
        "int64": int64s | st.integers(-5, 5),
        "boolean": st.booleans(),
        "string": texts,
        "bytes": st.binary(max_size=4),
        "any": values | odd_values,
    }
    return draw(simple[validator.kind])


@st.composite
def cases(draw: st.DrawFn) -> tuple[Validator, Any]:
    """A validator and a value that matches it or nearly does."""
    validator = draw(validators)
    return validator, draw(nearly_matching(validator))
