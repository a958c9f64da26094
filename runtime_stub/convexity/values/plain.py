"""Recognition of values whose JSON form is the value itself."""

from __future__ import annotations

from typing import Final

from convexity.values.encoding import cached_name_problem
from convexity.values.limits import MAX_ARRAY_LENGTH, MAX_OBJECT_FIELDS, MAX_VALUE_NESTING
from convexity.values.numbers import is_ordinary

_CONSTANTS: Final = frozenset((str, bool, type(None)))


def is_plain(value: object, room: int = MAX_VALUE_NESTING, /) -> bool:
    """Whether a JSON writer may take it as it is: no ints, special floats, bytes or subclasses.

    Strings are not looked into; a writer refuses those that are not Unicode. ``False`` means only
    that the encoder must decide.

    Args:
        value: Anything.
        room: Levels of nesting that may follow.
    """
    kind = type(value)
    if kind in _CONSTANTS:
        return True
    if kind is float:
        return is_ordinary(value)  # type: ignore[arg-type]
    if kind is dict:
        return _is_plain_object(value, room)  # type: ignore[arg-type]
    if kind is list:
        return _is_plain_array(value, room)  # type: ignore[arg-type]
    return False


def _is_plain_object(value: dict[object, object], room: int) -> bool:
    if not room or len(value) > MAX_OBJECT_FIELDS:
        return False
    for name, item in value.items():
        if type(name) is not str or cached_name_problem(name) is not None:
            return False
        if type(item) not in _CONSTANTS and not is_plain(item, room - 1):
            return False
    return True


def _is_plain_array(value: list[object], room: int) -> bool:
    if not room or len(value) > MAX_ARRAY_LENGTH:
        return False
    for item in value:
        if type(item) not in _CONSTANTS and not is_plain(item, room - 1):
            return False
    return True
