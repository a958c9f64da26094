"""Recognition of values whose JSON form is the value itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from convexity.values.encoding import cached_name_problem
from convexity.values.limits import MAX_ARRAY_LENGTH, MAX_OBJECT_FIELDS, MAX_VALUE_NESTING
from convexity.values.numbers import is_ordinary
from convexity.values.validators import (
    ArrayValidator,
    LiteralValidator,
    NumberValidator,
    ObjectValidator,
    UnionValidator,
    Validator,
    required,
)

PlainCheck: TypeAlias = Callable[[Any], bool]

_CONSTANTS: Final = frozenset((str, bool, type(None)))
_ALWAYS_PLAIN: Final = frozenset(("id", "null", "boolean", "string"))


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


def plain_check(validator: Validator, /) -> PlainCheck | None:
    """What :func:`is_plain` has to look at in values that a validator returned.

    Returns:
        a check of such a value; ``None`` if all of them are plain.
    """
    validator = required(validator)
    match validator:
        case NumberValidator(integral=False):
            return is_ordinary
        case ArrayValidator():
            return _array_check(validator)
        case ObjectValidator():
            return _object_check(validator)
        case UnionValidator():
            constant = all(plain_check(member) is None for member in validator.members)
        case LiteralValidator():
            constant = type(validator.value) in _CONSTANTS
        case _:
            constant = validator.kind in _ALWAYS_PLAIN
    return None if constant else is_plain


def _array_check(validator: ArrayValidator) -> PlainCheck | None:
    element = plain_check(validator.element)
    if element is None:
        return None
    return lambda items: all(map(element, items))


def _object_check(validator: ObjectValidator) -> PlainCheck | None:
    if any(map(cached_name_problem, validator.fields)):
        return is_plain
    checks = [
        (name, check)
        for name, field in validator.fields.items()
        if (check := plain_check(field)) is not None
    ]
    if not checks:
        return None
    if len(checks) == 1:
        ((only, check),) = checks
        return lambda value: only not in value or check(value[only])
    return lambda value: all(check(value[name]) for name, check in checks if name in value)
