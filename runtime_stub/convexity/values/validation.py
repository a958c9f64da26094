"""The reference path of validation: every rule in plain Python, with messages for people.

Messages have Convex's shape: what is wrong, then lines that name the path, the value and the
validator. Who calls prefixes them with the name of the error (``ArgumentValidationError: ...``).

Where a validator leaves a choice, values decide by their type: ``True`` is never a number, an
``Int64`` never one either, and a plain ``int`` is a number unless only an int64 is possible.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from convexity.values.encoding import (
    EncodingError,
    check_array_length,
    check_field_count,
    check_field_name,
    check_number,
    check_string,
    nesting_error,
)
from convexity.values.errors import ValidationError
from convexity.values.ids import SYSTEM_TABLE_NUMBERS, IdDecodeError, decode_id
from convexity.values.limits import MAX_VALUE_NESTING
from convexity.values.normal_form import normalise
from convexity.values.numbers import is_negative_zero
from convexity.values.validators import (
    ArrayValidator,
    IdValidator,
    LiteralValidator,
    NumberValidator,
    ObjectValidator,
    RecordValidator,
    UnionValidator,
    Validator,
    flatten,
    required,
)
from convexity.values.value import UNSET, Int64

if TYPE_CHECKING:
    from convexity.values.value import Value

_NO_MATCH: Final = "Value does not match validator."
_LONGEST_VALUE: Final = 1000
"""Characters of an offending value that a message shows."""


def validate(
    validator: Validator, value: object, /, *, table_numbers: Mapping[str, int] | None = None
) -> Value:
    """A checked copy of a native value in the form that functions see.

    Args:
        validator: What the value must match; an optional one means its inner validator.
        value: Fields that hold ``UNSET`` count as absent.
        table_numbers: Numbers of the tables that ids may belong to, by name, besides the system
            tables. Without it ids are checked for their form only.

    Raises:
        ValidationError: the value does not match.
        TypeError: the validator is opaque, so its fields are not known.
    """
    return check(validator, value, Context(table_numbers))


@dataclass(frozen=True, slots=True)
class Context:
    """What checking a part depends on besides the part.

    Attributes:
        table_numbers: As in :func:`validate`.
        exact: A plain ``int`` is no int64; so unions prefer the member that needs no conversion.
        room: Levels of nesting that may follow.
    """

    table_numbers: Mapping[str, int] | None
    exact: bool = False
    room: int = MAX_VALUE_NESTING

    def inside(self) -> Context:
        """The context of the parts of a container.

        Raises:
            EncodingError: the container is nested too deep already.
        """
        if not self.room:
            raise nesting_error()
        return replace(self, room=self.room - 1)

    def table_number(self, table_name: str) -> int | None:
        """Number of a table; ``None`` when tables are unknown, -1 when there is no such table."""
        if self.table_numbers is not None and table_name in self.table_numbers:
            return self.table_numbers[table_name]
        if table_name in SYSTEM_TABLE_NUMBERS:
            return SYSTEM_TABLE_NUMBERS[table_name]
        return None if self.table_numbers is None else -1

    def table_name(self, number: int) -> str:
        """The table of this number, as messages show it."""
        for numbers in (self.table_numbers or {}, SYSTEM_TABLE_NUMBERS):
            for name, candidate in numbers.items():
                if candidate == number:
                    return f"`{name}`"
        return f"number {number}"


def check(validator: Validator, value: object, context: Context, /) -> Value:
    """As :func:`validate`, in a given context.

    Raises:
        ValidationError: the value does not match.
    """
    try:
        return _check(validator, value, context)
    except _MismatchError as mismatch:
        raise ValidationError(mismatch.message(), path=mismatch.path) from None


class _MismatchError(Exception):
    """A mismatch on its way outward, where it collects the path."""

    def __init__(
        self, validator: Validator, value: object, headline: str = _NO_MATCH, path: str = ""
    ) -> None:
        super().__init__(headline)
        self.headline = headline
        self.validator = validator
        self.value = value
        self.path = path

    def message(self) -> str:
        lines = [self.headline]
        if self.path:
            lines.append(f"Path: {self.path}")
        shown = repr(self.value)
        if len(shown) > _LONGEST_VALUE:
            shown = shown[:_LONGEST_VALUE] + "…"
        noun = "Object" if isinstance(self.value, dict) else "Value"
        return "\n".join([*lines, f"{noun}: {shown}", f"Validator: {self.validator!r}"])


def _check(validator: Validator, value: object, context: Context) -> Value:
    validator = required(validator)
    try:
        return _CHECKS[validator.kind](validator, value, context)
    except EncodingError as error:
        reason = f"{_NO_MATCH[:-1]}: {error.reason}."
        raise _MismatchError(validator, value, reason, error.path) from None


def _null(validator: Validator, value: object, _context: Context) -> None:
    if value is not None:
        raise _MismatchError(validator, value)


def _number(validator: NumberValidator, value: object, _context: Context) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool | Int64):
        raise _MismatchError(validator, value)
    number = check_number(value) if isinstance(value, int) else float(value)
    if not validator.integral:
        return number
    if not number.is_integer():
        raise _MismatchError(validator, value, f"{_NO_MATCH[:-1]}: the number must be an integer.")
    return int(number)


def _int64(validator: Validator, value: object, context: Context) -> Int64:
    if isinstance(value, Int64):
        return value
    if context.exact or not isinstance(value, int) or isinstance(value, bool):
        raise _MismatchError(validator, value)
    try:
        return Int64(value)
    except ValueError as error:
        raise _MismatchError(validator, value, f"{_NO_MATCH[:-1]}: {error}.") from None


def _boolean(validator: Validator, value: object, _context: Context) -> bool:
    if not isinstance(value, bool):
        raise _MismatchError(validator, value)
    return value


def _string(validator: Validator, value: object, _context: Context) -> str:
    if not isinstance(value, str):
        raise _MismatchError(validator, value)
    check_string(value)
    return str.__str__(value)


def _bytes(validator: Validator, value: object, _context: Context) -> bytes:
    if not isinstance(value, bytes):
        raise _MismatchError(validator, value)
    return bytes(value)


def _any(_validator: Validator, value: object, context: Context) -> Value:
    return normalise(value, context.room)


def _id(validator: IdValidator, value: object, context: Context) -> str:
    if not isinstance(value, str):
        raise _MismatchError(validator, value)
    text = str.__str__(value)
    try:
        number = decode_id(text).table_number
    except IdDecodeError as error:
        raise _MismatchError(validator, value, f"{_NO_MATCH[:-1]}: {error}.") from None
    if context.table_number(validator.table_name) not in (None, number):
        headline = (
            f'Found ID "{text}" from table {context.table_name(number)}, which does not match '
            f"the table name in validator `{validator!r}`."
        )
        raise _MismatchError(validator, value, headline)
    return text


def _literal(validator: LiteralValidator, value: object, context: Context) -> Value:
    if not _is_literal(validator.value, value, context):
        raise _MismatchError(validator, value)
    return validator.value


def _is_literal(literal: str | float, value: object, context: Context) -> bool:
    if isinstance(literal, bool) or isinstance(value, bool):
        return literal is value
    if isinstance(literal, str):
        return isinstance(value, str) and literal == str.__str__(value)
    if not isinstance(value, int | float) or literal != value:
        return False
    if isinstance(literal, Int64):
        return isinstance(value, Int64) or (isinstance(value, int) and not context.exact)
    return not isinstance(value, Int64) and is_negative_zero(literal) == is_negative_zero(value)


def _array(validator: ArrayValidator, value: object, context: Context) -> list[Value]:
    if not isinstance(value, list):
        raise _MismatchError(validator, value)
    inner = context.inside()
    check_array_length(len(value))
    out: list[Value] = []
    try:
        for item in value:
            out.append(_check(validator.element, item, inner))  # noqa: PERF401 - length is the index
    except _MismatchError as mismatch:
        mismatch.path = f"[{len(out)}]{mismatch.path}"
        raise
    return out


def _record(validator: RecordValidator, value: object, context: Context) -> dict[str, Value]:
    if not isinstance(value, dict):
        raise _MismatchError(validator, value)
    inner = context.inside()
    check_field_count(len(value))
    out: dict[str, Value] = {}
    for key, item in value.items():
        check_record_key(key)
        if item is UNSET:
            continue
        try:
            _check(validator.key, key, inner)
            out[str.__str__(key)] = _check(validator.value, item, inner)
        except _MismatchError as mismatch:
            mismatch.path = f".{key}{mismatch.path}"
            raise
    return out


def check_record_key(key: object, /) -> None:
    """Refuse a key that no record may have: besides field names, empty ones and leading ``_``.

    Raises:
        EncodingError: with the rule that the key breaks.
    """
    check_field_name(key)
    if not key or str(key).startswith("_"):
        raise EncodingError(f"the record key {key!r} is empty or starts with '_'")


def _object(validator: ObjectValidator, value: object, context: Context) -> dict[str, Value]:
    fields = validator.fields
    if not isinstance(value, dict):
        raise _MismatchError(validator, value)
    inner = context.inside()
    for name in value:
        if name not in fields and value[name] is not UNSET:
            headline = f"Object contains extra field `{name}` that is not in the validator."
            raise _MismatchError(validator, value, headline)
    out: dict[str, Value] = {}
    for name, field in fields.items():
        item = value.get(name, UNSET)
        if item is not UNSET:
            try:
                out[name] = _check(field, item, inner)
            except _MismatchError as mismatch:
                mismatch.path = f".{name}{mismatch.path}"
                raise
        elif not field.is_optional:
            headline = (
                f"Object is missing the required field `{name}`. Consider wrapping the field "
                "validator in `v.optional(...)` if this is expected."
            )
            raise _MismatchError(validator, value, headline)
    return out


def _union(validator: UnionValidator, value: object, context: Context) -> Value:
    members = flatten(validator)
    for attempt in (context,) if context.exact else (replace(context, exact=True), context):
        for member in members:
            try:
                return _check(member, value, attempt)
            except _MismatchError:
                continue
    likely = [member for member in members if _resembles(member, value, context)]
    if len(likely) == 1:
        return _check(likely[0], value, context)
    raise _MismatchError(validator, value)


def _resembles(member: Validator, value: object, context: Context) -> bool:
    """Whether this member was probably meant, so that its own message says more."""
    if isinstance(member, ObjectValidator) and isinstance(value, dict):
        return all(
            _is_literal(field.value, value.get(name), context)
            for name, field in member.fields.items()
            if isinstance(field, LiteralValidator)
        )
    expected = _PYTHON_TYPES.get(member.kind, ())
    return isinstance(value, expected) and (expected is bool) == isinstance(value, bool)


_PYTHON_TYPES: Final[dict[str, Any]] = {
    "id": str,
    "number": (int, float),
    "int64": int,
    "boolean": bool,
    "string": str,
    "bytes": bytes,
    "array": list,
    "record": dict,
    "object": dict,
}

_Check: TypeAlias = Callable[[Any, object, Context], "Value"]
_CHECKS: Final[dict[str, _Check]] = {
    "null": _null,
    "number": _number,
    "int64": _int64,
    "boolean": _boolean,
    "string": _string,
    "bytes": _bytes,
    "any": _any,
    "id": _id,
    "literal": _literal,
    "array": _array,
    "record": _record,
    "object": _object,
    "opaque": _object,
    "union": _union,
}
