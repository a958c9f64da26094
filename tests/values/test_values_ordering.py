"""Index keys sort as wire-protocol 7.1 orders values."""

from __future__ import annotations

import itertools
import math
import struct

import pytest
from convexity.values import UNSET, Int64
from convexity.values.encoding import EncodingError
from convexity.values.ordering import compare, encode_key, key_after_prefix
from hypothesis import given
from hypothesis import strategies as st

from tests.values.strategies import values

NEGATIVE_NAN = struct.unpack("<d", bytes.fromhex("000000000000f8ff"))[0]
IN_ORDER = [
    UNSET,
    None,
    *(Int64(n) for n in (-(2**63), -(2**31) - 1, -(2**31), -32769, -129, -128, -2, -1, 0, 1)),
    *(Int64(n) for n in (127, 128, 32767, 32768, 2**31 - 1, 2**31, 2**63 - 1)),
    NEGATIVE_NAN,
    -math.inf,
    -1.5,
    -5e-324,
    -0.0,
    0.0,
    5e-324,
    1.5,
    math.inf,
    math.nan,
    False,
    True,
    "",
    "\0",
    "\0a",
    "\x01",
    "a",
    "a\0",
    "a\0b",
    "a\x01",
    "ab",
    "\uffff",
    "𐀀",
    b"",
    b"\0",
    b"\0\xff",
    b"\x01",
    b"a",
    b"\xff",
    [],
    [None],
    [None, None],
    [Int64(5)],
    [1.0],
    ["a"],
    [[]],
    {},
    {"": None},
    {"": None, "a": None},
    {"": 1.0},
    {"a": None},
    {"a": None, "b": None},
    {"a": 1.0},
    {"ab": None},
    {"b": None},
]
fields = st.lists(values | st.just(UNSET) | st.sampled_from(IN_ORDER), max_size=3)


def sign(number: int) -> int:
    return (number > 0) - (number < 0)


def compare_fields(left: list, right: list) -> int:
    for first, second in zip(left, right, strict=False):
        if order := compare(first, second):
            return order
    return len(left) - len(right)


@pytest.mark.parametrize(("before", "after"), list(itertools.pairwise(IN_ORDER)))
def test_listed_values_are_in_order(before, after):
    assert compare(before, after) < 0 < compare(after, before)
    assert encode_key([before]) < encode_key([after])


@given(fields, fields)
def test_keys_order_as_the_values_do(left, right):
    left_key, right_key = encode_key(left), encode_key(right)
    order = (left_key > right_key) - (left_key < right_key)
    assert order == sign(compare_fields(left, right))


@given(fields, fields)
def test_a_prefix_of_fields_is_a_prefix_of_bytes(head, tail):
    prefix, key = encode_key(head), encode_key([*head, *tail])
    assert key.startswith(prefix)
    assert prefix <= key < key_after_prefix(prefix)


@given(values | st.sampled_from(IN_ORDER), values | st.sampled_from(IN_ORDER), fields)
def test_no_key_is_a_prefix_of_the_key_of_another_value(left, right, tail):
    if compare(left, right) != 0:
        assert not encode_key([left, *tail]).startswith(encode_key([right]))


@given(st.binary(max_size=4).filter(lambda prefix: prefix.strip(b"\xff")), st.binary(max_size=4))
def test_the_key_after_a_prefix_is_the_smallest_greater_one(prefix, other):
    after = key_after_prefix(prefix)
    assert prefix < after
    assert not after.startswith(prefix)
    if prefix < other and not other.startswith(prefix):
        assert after <= other


def test_plain_integers_sort_as_the_numbers_they_are():
    assert encode_key([1]) == encode_key([1.0]) > encode_key([Int64(5)])
    assert compare(1, 1.0) == 0


def test_bytes_of_the_reference_encoding():
    assert encode_key([UNSET, None, False, True]) == bytes.fromhex("01030e0f")
    assert encode_key([Int64(0), Int64(1), Int64(-1), Int64(256)]).hex() == "080901" + "07ff" + (
        "0a0100"
    )
    assert encode_key([1.0, -0.0]).hex() == "0dbff0000000000000" + "0d7fffffffffffffff"
    assert encode_key(["ab", b"c", ["d"]]).hex() == "10616200" + "116300" + "1210640000"


@pytest.mark.parametrize("thing", [(1,), object(), {1.0}])
def test_what_is_no_value_has_no_key(thing):
    with pytest.raises(EncodingError, match="is no Convex value"):
        encode_key([thing])
    with pytest.raises(EncodingError, match="is no Convex value"):
        compare(thing, None)
