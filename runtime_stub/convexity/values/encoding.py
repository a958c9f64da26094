"""JSON forms of Convex values (``wire-protocol`` section 1).

A tree is what a JSON reader returns or a JSON writer takes. Reading follows one set of rules; there
are three forms for writing:

- ``convex_encoded_json``: what official clients speak; every value comes back as it was.
- ``json``: for people; int64 and bytes become strings, non-finite numbers their names.
- ``export_json``: as the first, but int64 and finite numbers are JSON numbers.
"""

from __future__ import annotations

import base64
import binascii
import math
import struct
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from convexity.values.limits import MAX_ARRAY_LENGTH, MAX_OBJECT_FIELDS, MAX_VALUE_NESTING
from convexity.values.names import field_name_problem
from convexity.values.numbers import is_exact, is_ordinary
from convexity.values.value import UNSET, Int64

if TYPE_CHECKING:
    from convexity.values.value import Value

Format: TypeAlias = Literal["convex_encoded_json", "json", "export_json"]
"""Name of a form for writing (``wire-protocol`` 1.5)."""

_pack_int64: Final = struct.Struct("<q").pack
_pack_float: Final = struct.Struct("<d").pack
cached_name_problem: Final = lru_cache(maxsize=8192)(field_name_problem)


class EncodingError(ValueError):
    """A tree is no encoded value, or an object is no Convex value.

    Attributes:
        reason: What is wrong, and the way out.
        path: Place inside the whole, such as ``.author.tags[2]``; empty for the whole.
    """

    def __init__(self, reason: str, /) -> None:
        """Take the reason; the path is put together while the error travels outward."""
        super().__init__(reason)
        self.reason = reason
        self.path = ""

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason


def decode_value(tree: object, /) -> Value:
    """The value that a JSON tree stands for; every JSON number becomes a ``float``.

    Raises:
        EncodingError: the tree is no encoded value, or breaks a limit of ``wire-protocol`` 1.4.
    """
    return _decode(tree, MAX_VALUE_NESTING)


def encode_value(value: object, format: Format = "convex_encoded_json", /) -> Any:  # noqa: A002
    """The JSON tree of a value; fields that hold ``UNSET`` are left out.

    A plain ``int`` is a number and becomes a ``float``. Keys keep their order: sorting them is the
    writer's part.

    Raises:
        EncodingError: the value holds something that is no Convex value, or breaks a limit of
            ``wire-protocol`` 1.4.
    """
    return _encode(value, _SCALARS[format], MAX_VALUE_NESTING)


def check_field_name(name: object, /) -> None:
    """Refuse what cannot be a key of an object value.

    Raises:
        EncodingError: with the rule that the name breaks.
    """
    if not isinstance(name, str):
        raise EncodingError(f"the key {name!r} is a {type(name).__name__}, keys must be strings")
    problem = cached_name_problem(name)
    if problem is not None:
        raise EncodingError(f"the field name {name!r} {problem}")


def check_string(text: str, /) -> None:
    """Refuse a string that has no UTF-8 form.

    Raises:
        EncodingError: the string holds a lone surrogate (``wire-protocol`` 1.2).
    """
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise EncodingError(
                f"the string has a lone surrogate at position {error.start}, so it is not Unicode "
                "text; send bytes instead"
            ) from None


def check_number(number: int, /) -> float:
    """A plain integer as the float64 it stands for.

    Raises:
        EncodingError: it has no exact float64.
    """
    if not is_exact(number):
        raise EncodingError(
            f"the integer {number} is not exactly a number (float64); "
            "use Int64 with v.int64(), or a string"
        )
    return float(number)


def check_array_length(length: int, /) -> None:
    """Refuse a longer array than ``wire-protocol`` 1.4 allows.

    Raises:
        EncodingError: the array is too long.
    """
    if length > MAX_ARRAY_LENGTH:
        raise EncodingError(f"the array has {length} elements, at most {MAX_ARRAY_LENGTH} may be")


def check_field_count(count: int, /) -> None:
    """Refuse an object with more fields than ``wire-protocol`` 1.4 allows.

    Raises:
        EncodingError: the object has too many fields.
    """
    if count > MAX_OBJECT_FIELDS:
        raise EncodingError(f"the object has {count} fields, at most {MAX_OBJECT_FIELDS} may be")


def not_a_value(thing: object, /) -> EncodingError:
    """The error for an object that is no Convex value, with what to use instead."""
    if thing is UNSET:
        return EncodingError(
            "UNSET stands for an absent value, which only a field can be; use None"
        )
    hint = "".join(text for kind, text in _INSTEAD if isinstance(thing, kind))
    return EncodingError(
        f"{_shorten(repr(thing))} ({type(thing).__name__}) is no Convex value{hint}"
    )


_INSTEAD: Final[tuple[tuple[type, str], ...]] = (
    (tuple, "; use a list"),
    (set, "; use a list"),
    (frozenset, "; use a list"),
    (bytearray, "; use bytes(...)"),
    (memoryview, "; use bytes(...)"),
    (complex, "; store its parts as two numbers"),
)


def _shorten(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"


def nesting_error() -> EncodingError:
    """The error for a value that is nested too deep (``wire-protocol`` 1.4)."""
    return EncodingError(f"the value is nested deeper than {MAX_VALUE_NESTING} levels")


def _decode(tree: object, room: int) -> Value:
    if isinstance(tree, str):
        check_string(tree)
        return tree
    if tree is None or isinstance(tree, bool):
        return tree
    if isinstance(tree, int | float):
        return _decode_number(tree)
    if isinstance(tree, list):
        return _decode_array(tree, room)
    if isinstance(tree, dict):
        if len(tree) == 1:
            [(key, payload)] = tree.items()
            if isinstance(key, str) and key.startswith("$"):
                return _decode_special(key, payload)
        return _decode_object(tree, room)
    raise EncodingError(f"{type(tree).__name__} is not a JSON value")


def _decode_number(number: float) -> float:
    try:
        result = float(number)
    except OverflowError:
        result = math.inf
    if not math.isfinite(result):
        raise EncodingError("the number is out of range for a float64")
    return result


def _decode_array(tree: list[object], room: int) -> list[Value]:
    if not room:
        raise nesting_error()
    check_array_length(len(tree))
    out: list[Value] = []
    try:
        for item in tree:
            out.append(_decode(item, room - 1))  # noqa: PERF401 - the length tells the failed index
    except EncodingError as error:
        error.path = f"[{len(out)}]{error.path}"
        raise
    return out


def _decode_object(tree: dict[str, object], room: int) -> dict[str, Value]:
    if not room:
        raise nesting_error()
    check_field_count(len(tree))
    out: dict[str, Value] = {}
    for name, item in tree.items():
        check_field_name(name)
        try:
            out[name] = _decode(item, room - 1)
        except EncodingError as error:
            error.path = f".{name}{error.path}"
            raise
    return out


def _decode_special(key: str, payload: object) -> Value:
    if key in ("$set", "$map"):
        raise EncodingError(f"{key!r} values are no longer supported; use an array or an object")
    if key not in ("$integer", "$float", "$bytes"):
        raise EncodingError(f"the field name {key!r} starts with '$', which is reserved")
    if not isinstance(payload, str):
        raise EncodingError(f"{key!r} must hold base64 text, not {type(payload).__name__}")
    try:
        data = base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError):
        raise EncodingError(f"{key!r} holds {_shorten(payload)!r}, which is not base64") from None
    if key == "$bytes":
        return data
    if len(data) != 8:
        raise EncodingError(f"{key!r} must hold 8 bytes, not {len(data)}")
    if key == "$integer":
        return Int64(int.from_bytes(data, "little", signed=True))
    number: float = struct.unpack("<d", data)[0]
    if math.isfinite(number) and number != 0.0:
        raise EncodingError(f"the number {number!r} should be encoded as a JSON number")
    return number


def _encode(value: object, scalar: _ScalarWriter, room: int) -> Any:
    if isinstance(value, dict):
        return _encode_object(value, scalar, room)
    if isinstance(value, list):
        return _encode_array(value, scalar, room)
    return scalar(value)


def _encode_array(value: list[object], scalar: _ScalarWriter, room: int) -> list[Any]:
    if not room:
        raise nesting_error()
    check_array_length(len(value))
    out: list[Any] = []
    try:
        for item in value:
            out.append(_encode(item, scalar, room - 1))  # noqa: PERF401 - as in _decode_array
    except EncodingError as error:
        error.path = f"[{len(out)}]{error.path}"
        raise
    return out


def _encode_object(value: dict[str, object], scalar: _ScalarWriter, room: int) -> dict[str, Any]:
    if not room:
        raise nesting_error()
    check_field_count(len(value))
    out: dict[str, Any] = {}
    for name, item in value.items():
        check_field_name(name)
        if item is UNSET:
            continue
        try:
            out[name] = _encode(item, scalar, room - 1)
        except EncodingError as error:
            error.path = f".{name}{error.path}"
            raise
    return out


_ScalarWriter: TypeAlias = Callable[[object], Any]


def _encoded_scalar(value: object) -> Any:
    if isinstance(value, Int64):
        return {"$integer": _base64(_pack_int64(value))}
    if isinstance(value, float) and not is_ordinary(value):
        return {"$float": _base64(_pack_float(value))}
    if isinstance(value, bytes):
        return {"$bytes": _base64(value)}
    return _plain_scalar(value)


def _readable_scalar(value: object) -> Any:
    if isinstance(value, Int64):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, bytes):
        return _base64(value)
    return _plain_scalar(value)


def _export_scalar(value: object) -> Any:
    if isinstance(value, Int64):
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    return _encoded_scalar(value)


_SCALARS: Final[dict[Format, _ScalarWriter]] = {
    "convex_encoded_json": _encoded_scalar,
    "json": _readable_scalar,
    "export_json": _export_scalar,
}


def _plain_scalar(value: object) -> str | float | bool | None:
    if isinstance(value, str):
        check_string(value)
        return str.__str__(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return float(value)
    if isinstance(value, int):
        return check_number(value)
    raise not_a_value(value)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
