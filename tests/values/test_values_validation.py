"""What validators accept and what they say when they do not."""

from __future__ import annotations

import math

import pytest
from convexity.values import UNSET, Int64, ValidationError, v
from convexity.values.compiled import compile_validator
from convexity.values.ids import encode_id
from convexity.values.validation import validate
from convexity.values.validators import integral_number

from tests.values.strategies import Text, same

USER = encode_id(10001, bytes(16))
MESSAGE = encode_id(10002, bytes(16))
STORAGE = encode_id(540, bytes(16))
ONE_TAG = v.union(
    v.object(kind=v.literal("a"), n=v.number()), v.object(kind=v.literal("a", "b"), n=v.int64())
)
TABLES = {"users": 10001, "messages": 10002}


@pytest.mark.parametrize(
    ("validator", "value", "expected"),
    [
        (v.number(), 1, 1.0),
        (v.number(), math.inf, math.inf),
        (integral_number(), 2.0, 2),
        (integral_number(), 2, 2),
        (v.int64(), 5, Int64(5)),
        (v.int64(), Int64(5), Int64(5)),
        (v.string(), Text("a"), "a"),
        (v.any(), [1, Int64(1), {"a": UNSET}], [1.0, Int64(1), {}]),
        (v.literal(1), 1.0, 1),
        (v.literal(1.0), 1, 1.0),
        (v.literal(Int64(1)), 1, Int64(1)),
        (v.literal(Int64(1)), Int64(1), Int64(1)),
        (v.literal(-0.0), -0.0, -0.0),
        (v.union(v.literal(True), v.literal(1)), 1, 1),
        (v.union(v.literal(1), v.literal(True)), True, True),
        (v.union(v.boolean(), v.number()), 1, 1.0),
        (v.union(v.number(), v.boolean()), True, True),
        (v.union(v.int64(), v.number()), 5, 5.0),
        (v.union(v.int64(), v.number()), Int64(5), Int64(5)),
        (v.union(v.int64(), v.string()), 5, Int64(5)),
        (v.union(v.object(n=v.int64()), v.object(n=v.number())), {"n": 5}, {"n": 5.0}),
        (v.nullable(v.int64()), 5, Int64(5)),
        (v.object(a=v.optional(v.string())), {}, {}),
        (v.object(a=v.optional(v.string())), {"a": UNSET}, {}),
        (v.object(a=v.string()), {"a": "x", "b": UNSET}, {"a": "x"}),
        (v.record(v.id("users"), v.number()), {USER: 1}, {USER: 1.0}),
        (v.id("_storage"), STORAGE, STORAGE),
        (v.optional(v.string()), "a", "a"),
        (ONE_TAG, {"kind": "a", "n": 1}, {"kind": "a", "n": 1.0}),
        (ONE_TAG, {"kind": "a", "n": Int64(1)}, {"kind": "a", "n": Int64(1)}),
    ],
)
def test_accepted_values(validator, value, expected):
    assert same(validate(validator, value, table_numbers=TABLES), expected)
    assert same(compile_validator(validator, TABLES).validate(value), expected)


@pytest.mark.parametrize(
    ("validator", "value"),
    [
        (v.number(), True),
        (v.number(), Int64(1)),
        (v.number(), "1"),
        (v.number(), None),
        (v.number(), 2**53 + 1),
        (integral_number(), 1.5),
        (integral_number(), math.nan),
        (integral_number(), True),
        (v.int64(), 1.0),
        (v.int64(), True),
        (v.int64(), 2**63),
        (v.boolean(), 1),
        (v.null(), False),
        (v.null(), UNSET),
        (v.string(), "\ud800"),
        (v.bytes(), bytearray(b"")),
        (v.any(), (1,)),
        (v.any(), {"$a": 1}),
        (v.literal(1), True),
        (v.literal(1), Int64(1)),
        (v.literal(True), 1),
        (v.literal(0), -0.0),
        (v.literal(Int64(1)), 1.0),
        (v.array(v.string()), ("a",)),
        (v.array(v.any()), [1.0] * 8193),
        (v.record(v.string(), v.any()), {"": 1}),
        (v.record(v.string(), v.any()), {"_a": 1}),
        (v.record(v.string(), v.any()), {"$a": 1}),
        (v.record(v.id("users"), v.any()), {MESSAGE: 1}),
        (v.id("nothing"), USER),
        (v.id("users"), STORAGE),
        (v.object(a=v.optional(v.string())), {"a": None}),
        (v.object(), {1: "a"}),
    ],
)
def test_refused_values(validator, value):
    with pytest.raises(ValidationError, match="Validator: v"):
        validate(validator, value, table_numbers=TABLES)
    with pytest.raises(ValidationError, match="Validator: v"):
        compile_validator(validator, TABLES).validate(value)


def message(validator, value, tables=None):
    with pytest.raises(ValidationError) as caught:
        validate(validator, value, table_numbers=tables)
    return str(caught.value), caught.value.path


def test_a_mismatch_names_path_value_and_validator():
    validator = v.object(author=v.object(names=v.array(v.string())))
    assert message(validator, {"author": {"names": ["a", 5]}}) == (
        "Value does not match validator.\nPath: .author.names[1]\nValue: 5\nValidator: v.string()",
        ".author.names[1]",
    )
    assert message(v.string(), None) == (
        "Value does not match validator.\nValue: None\nValidator: v.string()",
        "",
    )


def test_missing_and_extra_fields():
    validator = v.object(a=v.object(b=v.number()))
    assert message(validator, {"a": {}}) == (
        "Object is missing the required field `b`. Consider wrapping the field validator in "
        "`v.optional(...)` if this is expected.\n"
        "Path: .a\n"
        "Object: {}\n"
        "Validator: v.object({'b': v.number()})",
        ".a",
    )
    assert message(v.object(), {"c": 1}) == (
        "Object contains extra field `c` that is not in the validator.\n"
        "Object: {'c': 1}\n"
        "Validator: v.object({})",
        "",
    )


def test_ids():
    text, path = message(v.object(to=v.id("users")), {"to": MESSAGE}, TABLES)
    assert text.startswith(
        f'Found ID "{MESSAGE}" from table `messages`, which does not match the table name in '
        "validator `v.id('users')`.\nPath: .to\n"
    )
    assert path == ".to"
    assert "from table `_storage`" in message(v.id("users"), STORAGE, TABLES)[0]
    unknown = encode_id(10007, bytes(16))
    assert "from table number 10007" in message(v.id("users"), unknown, TABLES)[0]
    assert message(v.id("items"), "items:nonexistent")[0].startswith(
        "Value does not match validator: Unable to decode ID: Invalid ID length 17.\n"
    )
    assert validate(v.id("users"), MESSAGE) == MESSAGE
    assert validate(v.id("users"), USER, table_numbers=TABLES) == USER


def test_reasons_are_told():
    assert "use Int64" in message(v.number(), 2**53 + 1)[0]
    assert "must be an integer" in message(integral_number(), 0.5)[0]
    assert "out of range for int64" in message(v.int64(), 2**63)[0]
    assert message(v.object(a=v.any()), {"a": {"b": [(1,)]}})[1] == ".a.b[0]"
    assert "use a list" in message(v.any(), (1,))[0]
    assert "lone surrogate" in message(v.string(), "\ud800")[0]


def test_a_union_speaks_for_the_member_that_was_meant():
    results = v.union(
        v.object(kind=v.literal("ok"), at=v.number()),
        v.object(kind=v.literal("failed"), error=v.string()),
    )
    assert message(results, {"kind": "failed"})[0].startswith(
        "Object is missing the required field `error`"
    )
    assert message(v.nullable(v.array(v.string())), [1])[1] == "[0]"
    text, path = message(results, {"kind": "other"})
    assert (text.split("\n")[0], path) == ("Value does not match validator.", "")
    assert repr(results) in text
    assert message(v.union(v.string(), v.number()), True)[0].endswith(
        "Validator: v.union(v.string(), v.number())"
    )


def test_long_values_are_cut():
    assert len(message(v.null(), "x" * 10_000)[0]) < 1200


def test_the_method_of_validators():
    assert v.object(n=v.number()).validate({"n": 1}) == {"n": 1.0}
    with pytest.raises(ValidationError) as caught:
        v.object(n=v.number()).validate({"n": "1"})
    assert caught.value.path == ".n"
