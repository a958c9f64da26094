"""The form in which functions see values: floats for numbers, plain built-in containers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values.encoding import (
    EncodingError,
    check_array_length,
    check_field_count,
    check_field_name,
    check_number,
    check_string,
    nesting_error,
    not_a_value,
)
from convexity.values.limits import MAX_VALUE_NESTING
from convexity.values.value import UNSET, Int64

if TYPE_CHECKING:
    from convexity.values.value import Value


def normalise(value: object, room: int = MAX_VALUE_NESTING, /) -> Value:
    """A checked deep copy of any Convex value; fields that hold ``UNSET`` are left out.

    Args:
        value: Built of the types of :data:`Value` or their subclasses.
        room: Levels of nesting that may follow.

    Raises:
        EncodingError: something is no Convex value, or breaks a limit of ``wire-protocol`` 1.4.
    """
    if isinstance(value, str):
        check_string(value)
        return str.__str__(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return float(value)
    if isinstance(value, Int64):
        return value
    if isinstance(value, int):
        return check_number(value)
    if isinstance(value, bytes):
        return bytes(value)
    if isinstance(value, list):
        return _normalise_array(value, room)
    if isinstance(value, dict):
        return _normalise_object(value, room)
    raise not_a_value(value)


def _normalise_array(value: list[object], room: int) -> list[Value]:
    if not room:
        raise nesting_error()
    check_array_length(len(value))
    out: list[Value] = []
    try:
        for item in value:
            out.append(normalise(item, room - 1))  # noqa: PERF401 - the length tells the failed index
    except EncodingError as error:
        error.path = f"[{len(out)}]{error.path}"
        raise
    return out


def _normalise_object(value: dict[str, object], room: int) -> dict[str, Value]:
    if not room:
        raise nesting_error()
    check_field_count(len(value))
    out: dict[str, Value] = {}
    for name, item in value.items():
        check_field_name(name)
        if item is UNSET:
            continue
        try:
            out[str.__str__(name)] = normalise(item, room - 1)
        except EncodingError as error:
            error.path = f".{name}{error.path}"
            raise
    return out
