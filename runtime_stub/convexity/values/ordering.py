"""The order of values, as bytes for indexes and as a comparison (``wire-protocol`` 7.1).

Absent < null < int64 < number < boolean < string < bytes < array < object, whatever the magnitude.

The key of a value starts with a tag, and no key is a prefix of another, so that the keys with a
given first field are exactly those that start with that field's key. For this last property
strings end in 00 and escape 00 as 01 01 and 01 as 01 02, where the reference writes 00 FF for 00;
the order is the same.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

from convexity.values.encoding import check_number, not_a_value
from convexity.values.value import UNSET, Int64

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from convexity.values.value import Unset, Value

_ABSENT: Final = b"\x01"
_NULL: Final = b"\x03"
_INT64_ZERO_TAG: Final = 0x08
_INT64_WIDTHS: Final = ((1, 1 << 7), (2, 1 << 15), (4, 1 << 31), (8, 1 << 63))
_FLOAT_TAG: Final = b"\x0d"
_FALSE: Final = b"\x0e"
_TRUE: Final = b"\x0f"
_STRING_TAG: Final = b"\x10"
_BYTES_TAG: Final = b"\x11"
_ARRAY_TAG: Final = b"\x12"
_OBJECT_TAG: Final = b"\x15"
_END: Final = b"\x00"
_EMPTY_NAME: Final = b"\x01\x00"
"""Stands for the empty field name, after the end of an object and before every other name."""

_SIGN_BIT: Final = 1 << 63
_ALL_BITS: Final = (1 << 64) - 1
_pack_float: Final = struct.Struct(">d").pack
_pack_bits: Final = struct.Struct(">Q").pack
_unpack_bits: Final = struct.Struct(">Q").unpack
_unpack_signed: Final = struct.Struct(">q").unpack


def encode_key(values: Iterable[Value | Unset], /) -> bytes:
    """The memory-comparable key of some fields; fewer of the same fields give a prefix of it.

    Args:
        values: The indexed fields in order; ``UNSET`` for a missing one.

    Raises:
        EncodingError: something is no Convex value.
    """
    parts: list[bytes] = []
    for value in values:
        if type(value) is str:
            data = value.encode()
            if b"\x00" in data or b"\x01" in data:
                data = _escape(data)
            parts += (_STRING_TAG, data, _END)
        else:
            parts.append(_key(value))
    return b"".join(parts)


def key_after_prefix(prefix: bytes, /) -> bytes:
    """The smallest byte string greater than every key that starts with ``prefix``."""
    kept = prefix.rstrip(b"\xff")
    if not kept:
        return b"\xff"
    return kept[:-1] + bytes((kept[-1] + 1,))


def compare(left: Value | Unset, right: Value | Unset, /) -> int:
    """Negative, zero or positive as ``left`` comes before, equals or comes after ``right``.

    Equality is that of indexes: 0.0 and -0.0 differ, a NaN equals itself.

    Raises:
        EncodingError: something is no Convex value.
    """
    left_rank, right_rank = _rank(left), _rank(right)
    if left_rank != right_rank:
        return -1 if left_rank < right_rank else 1
    if isinstance(left, list) and isinstance(right, list):
        return _compare_arrays(left, right)
    if isinstance(left, dict) and isinstance(right, dict):
        return _compare_objects(left, right)
    first, second = _comparable(left), _comparable(right)
    return int(first > second) - int(first < second)


def _key(value: object) -> bytes:
    if type(value) is float:
        return _float_key(value)
    if value is UNSET:
        return _ABSENT
    if value is None:
        return _NULL
    if isinstance(value, bool):
        return _TRUE if value else _FALSE
    if isinstance(value, Int64):
        return _int64_key(value)
    if isinstance(value, int):
        return _float_key(check_number(value))
    if isinstance(value, bytes):
        return _BYTES_TAG + _escape(value) + _END
    if isinstance(value, list):
        return _ARRAY_TAG + encode_key(value) + _END
    if isinstance(value, dict):
        parts = [_name_key(name) + encode_key((value[name],)) for name in sorted(value)]
        return _OBJECT_TAG + b"".join(parts) + _END
    if isinstance(value, str):
        return encode_key((str.__str__(value),))
    if isinstance(value, float):
        return _float_key(value)
    raise not_a_value(value)


def _float_key(number: float) -> bytes:
    if number > 0:  # Times are: the negative number has the bits that are wanted.
        return _FLOAT_TAG + _pack_float(-number)
    bits = _unpack_bits(_pack_float(number))[0]
    return _FLOAT_TAG + _pack_bits(bits ^ (_ALL_BITS if bits & _SIGN_BIT else _SIGN_BIT))


def _int64_key(number: int) -> bytes:
    if number == 0:
        return bytes((_INT64_ZERO_TAG,))
    magnitude = number if number > 0 else ~number
    step, width = next((i, w) for i, (w, end) in enumerate(_INT64_WIDTHS, 1) if magnitude < end)
    tag = _INT64_ZERO_TAG + (step if number > 0 else -step)
    return bytes((tag,)) + number.to_bytes(width, "big", signed=True)


def _name_key(name: str) -> bytes:
    return name.encode() + _END if name else _EMPTY_NAME


def _escape(data: bytes) -> bytes:
    return data.replace(b"\x01", b"\x01\x02").replace(b"\x00", b"\x01\x01")


_RANKS: Final[tuple[tuple[type | tuple[type, ...], int], ...]] = (
    (type(UNSET), 0),
    (type(None), 1),
    (bool, 4),
    (Int64, 2),
    ((int, float), 3),
    (str, 5),
    (bytes, 6),
    (list, 7),
    (dict, 8),
)
"""Type and place in the order; subclasses come before their base."""


def _rank(value: object) -> int:
    for kind, rank in _RANKS:
        if isinstance(value, kind):
            return rank
    raise not_a_value(value)


def _comparable(value: object) -> Any:
    """A scalar as something that Python orders as Convex does, within one type."""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, bytes):
        return value
    if isinstance(value, bool | Int64):
        return int(value)
    if isinstance(value, int | float):
        bits: int = _unpack_signed(_pack_float(value))[0]
        return bits if bits >= 0 else -_SIGN_BIT - bits - 1
    return 0


def _compare_arrays(left: list[Value], right: list[Value]) -> int:
    for first, second in zip(left, right, strict=False):
        order = compare(first, second)
        if order:
            return order
    return len(left) - len(right)


def _compare_objects(left: Mapping[str, Value], right: Mapping[str, Value]) -> int:
    for (name, value), (other_name, other) in zip(
        sorted(left.items()), sorted(right.items()), strict=False
    ):
        if name != other_name:
            return -1 if name < other_name else 1
        order = compare(value, other)
        if order:
            return order
    return len(left) - len(right)
