"""Document ids: vectors and rules of wire-protocol section 6."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from convexity.values.ids import IdDecodeError, decode_id, encode_id, new_id
from hypothesis import example, given
from hypothesis import strategies as st

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
VECTORS = [
    (1017, "fb198371cb09d3e19bf923516be973c1", "z43zp6c3e75gkmz1kfwj6mbbx5sw281h"),
    (540, "7c75fb4a61fb003ca5a2086f49134d1a", "kg27rxfv99gzp01wmph0gvt92d6hnvy6"),
    (10001, "000102030405060708090a0b0c0d0e0f", "j57000820c20a1g7104gm2rc1m70ynr8"),
]


@pytest.mark.parametrize(("table", "internal", "text"), VECTORS)
def test_vectors(table, internal, text):
    assert encode_id(table, bytes.fromhex(internal)) == text
    assert decode_id(text) == (table, bytes.fromhex(internal))


@given(st.integers(1, 2**32 - 1), st.binary(min_size=16, max_size=16))
def test_round_trip(table, internal):
    text = encode_id(table, internal)
    assert 31 <= len(text) <= 37
    assert decode_id(text) == (table, internal)


@given(st.text(ALPHABET, min_size=30, max_size=38) | st.text(max_size=40))
@example("mz1xn7tymdnktmmzqy5xxhn7tjs2nkkfmtjjr")
@example("sssswsgggggggggsgcsssfafffsffks")
def test_only_canonical_texts_decode(text):
    try:
        decoded = decode_id(text)
    except IdDecodeError as error:
        message = str(error)
    else:
        assert encode_id(*decoded) == text
        return
    assert message.startswith("Unable to decode ID: ")


@given(st.sampled_from(VECTORS), st.integers(0, 31), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_found(vector, position, character):
    text = vector[2]
    if text[position] != character:
        with pytest.raises(IdDecodeError):
            decode_id(text[:position] + character + text[position + 1 :])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("items:nonexistent", "Unable to decode ID: Invalid ID length 17"),
        ("", "Unable to decode ID: Invalid ID length 0"),
        ("i" * 32, "Unable to decode ID: ID wasn't valid base32"),
        ("J57000820C20A1G7104GM2RC1M70YNR8", "Unable to decode ID: ID wasn't valid base32"),
        ("é" * 32, "Unable to decode ID: ID wasn't valid base32"),
        ("0" * 31, "Unable to decode ID: Invalid table number"),
        (
            "j57000820c20a1g7104gm2rc1m70ynr0",
            "Unable to decode ID: Invalid ID version 87 (expected 2135)",
        ),
    ],
)
def test_messages(text, message):
    with pytest.raises(IdDecodeError) as caught:
        decode_id(text)
    assert str(caught.value) == message


def test_a_new_id_carries_table_and_day():
    text = new_id(10001, datetime(2024, 1, 16, 23, 59, tzinfo=UTC).timestamp())
    table, internal = decode_id(text)
    assert table == 10001
    assert int.from_bytes(internal[14:], "big") == 19738
    assert text.startswith("j57")
    assert new_id(10001, datetime(2024, 1, 16, tzinfo=UTC).timestamp()) != text


@pytest.mark.parametrize(("table", "internal"), [(0, bytes(16)), (2**32, bytes(16)), (1, b"")])
def test_parts_that_make_no_id(table, internal):
    with pytest.raises(ValueError, match=r"table number|internal id"):
        encode_id(table, internal)
