"""JSON encoding of values: worked examples and rules of wire-protocol section 1."""

from __future__ import annotations

import enum
import json
import math

import pytest
from convexity.values import UNSET, Int64
from convexity.values.encoding import EncodingError, decode_value, encode_value
from convexity.values.normal_form import normalise
from convexity.values.sizes import document_size, value_size
from hypothesis import given

from tests.values.strategies import same, values

WORKED_EXAMPLES = [
    (Int64(1), {"$integer": "AQAAAAAAAAA="}),
    (Int64(-1), {"$integer": "//////////8="}),
    (Int64(2**63 - 1), {"$integer": "/////////38="}),
    (Int64(-(2**63)), {"$integer": "AAAAAAAAAIA="}),
    (-0.0, {"$float": "AAAAAAAAAIA="}),
    (math.nan, {"$float": "AAAAAAAA+H8="}),
    (math.inf, {"$float": "AAAAAAAA8H8="}),
    (-math.inf, {"$float": "AAAAAAAA8P8="}),
    (b"\x00\x10\x83", {"$bytes": "ABCD"}),
    (b"", {"$bytes": ""}),
]


@pytest.mark.parametrize(("value", "tree"), WORKED_EXAMPLES)
def test_worked_examples(value, tree):
    assert encode_value(value) == tree
    assert same(decode_value(tree), value)


@given(values)
def test_round_trip(value):
    assert same(decode_value(json.loads(json.dumps(encode_value(value), allow_nan=False))), value)


@given(values)
def test_normal_form_of_a_value_is_an_equal_copy(value):
    assert same(normalise(value), value)


def test_json_numbers_are_floats():
    assert same(decode_value([1, -0.0, 2.5]), [1.0, -0.0, 2.5])


def test_plain_integers_are_numbers_and_absent_fields_are_left_out():
    assert same(encode_value({"a": 1, "b": UNSET}), {"a": 1.0})
    assert same(normalise({"a": 1, "b": UNSET}), {"a": 1.0})


def test_subclasses_of_built_in_types_become_plain():
    class Level(enum.IntEnum):
        HIGH = 3

    class Colour(enum.StrEnum):
        RED = "red"

    assert same(encode_value([Level.HIGH, Colour.RED]), [3.0, "red"])
    assert same(normalise([Level.HIGH, Colour.RED]), [3.0, "red"])


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({"$integer": "AQ=="}, r"'\$integer' must hold 8 bytes, not 1"),
        ({"$integer": 1}, r"'\$integer' must hold base64 text, not int"),
        ({"$bytes": "AB-D"}, "which is not base64"),
        ({"$float": "AAAAAAAA8D8="}, "should be encoded as a JSON number"),
        ({"$set": []}, "no longer supported"),
        ({"$undefined": None}, r"starts with '\$'"),
        ({"$integer": "AQAAAAAAAAA=", "x": 1}, r"starts with '\$'"),
        ({"a": {"b": [0, {"é": 1}]}}, r"^\.a\.b\[1\]: the field name 'é'"),
        ({"a" * 1025: 1}, "longer than 1024 characters"),
        ("\ud800", "lone surrogate at position 0"),
        (10**400, "out of range"),
        (math.nan, "out of range"),
        ([0] * 8193, "8193 elements, at most 8192"),
        ({f"f{n}": 0 for n in range(1025)}, "1025 fields, at most 1024"),
        ((1,), "tuple is not a JSON value"),
    ],
)
def test_trees_that_are_refused(tree, message):
    with pytest.raises(EncodingError, match=message):
        decode_value(tree)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([UNSET], r"^\[0\]: UNSET stands for an absent value"),
        ({"a": [(1,)]}, r"^\.a\[0\]: \(1,\) \(tuple\) is no Convex value; use a list$"),
        ({1: 2}, "the key 1 is a int, keys must be strings"),
        (2**53 + 1, "not exactly a number"),
        (10**400, "not exactly a number"),
        ("\ud800", "lone surrogate"),
        ([0.0] * 8193, "8193 elements"),
        ({f"f{n}": 0.0 for n in range(1025)}, "1025 fields"),
    ],
)
def test_objects_that_are_no_values(value, message):
    for convert in (encode_value, normalise):
        with pytest.raises(EncodingError, match=message):
            convert(value)


def test_positive_zero_may_be_encoded_specially():
    assert same(decode_value({"$float": "AAAAAAAAAAA="}), 0.0)


def test_the_empty_string_is_a_field_name():
    assert decode_value({"": 1}) == {"": 1.0}


def test_nesting_limit():
    tree = 1.0
    for _ in range(64):
        tree = [tree]
    assert decode_value(tree) == tree
    assert encode_value(tree) == tree
    for convert in (decode_value, encode_value, normalise):
        with pytest.raises(EncodingError, match="nested deeper than 64 levels"):
            convert([tree])


def test_readable_form_is_lossy_as_documented():
    value = [Int64(-5), b"\x00\x10\x83", math.nan, -math.inf, -0.0, 1]
    assert same(encode_value(value, "json"), ["-5", "ABCD", "NaN", "-Infinity", -0.0, 1.0])


def test_sizes():
    assert [value_size(value) for value in (None, True, Int64(1), 1.0, 1)] == [1, 1, 9, 9, 9]
    assert value_size("é") == 4
    assert value_size(b"abc") == 5
    assert value_size([None, "a"]) == 2 + 1 + 3
    assert document_size({"ab": 1.0, "c": [], "gone": UNSET}) == 2 + (2 + 1 + 9) + (1 + 1 + 2)
    with pytest.raises(EncodingError):
        value_size((1,))
