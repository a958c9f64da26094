"""Compiled validators: the fast path over pydantic-core and orjson.

The fast path accepts only what the reference path (:mod:`convexity.values.validation`) accepts,
with the same result; whatever it refuses goes through the reference path, which decides and words
the message. Only the runtime imports this module; :mod:`convexity.values` itself needs nothing but
the standard library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
import pydantic_core

from convexity.values.core_schemas import native_schema, wire_schema
from convexity.values.encoding import decode_value, encode_value
from convexity.values.plain import is_plain, plain_check
from convexity.values.validation import validate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from convexity.values.encoding import Format
    from convexity.values.validators import Validator
    from convexity.values.value import Value

_SORTED: Final = orjson.OPT_SORT_KEYS


class CompiledValidator:
    """A validator made ready for many values.

    Attributes:
        validator: What it was compiled from.
    """

    __slots__ = ("_accept_native", "_accept_wire", "_plain_check", "_table_numbers", "validator")

    def __init__(self, validator: Validator, table_numbers: Mapping[str, int] | None) -> None:
        """See :func:`compile_validator`."""
        self.validator = validator
        self._table_numbers = table_numbers
        self._plain_check = plain_check(validator)
        native = native_schema(validator, table_numbers)
        wire = wire_schema(validator, table_numbers)
        self._accept_native = pydantic_core.SchemaValidator(native).validate_python
        self._accept_wire = pydantic_core.SchemaValidator(wire).validate_python

    def validate(self, value: object, /) -> Any:
        """A checked copy of a native value in the form that functions see.

        Raises:
            ValidationError: the value does not match.
        """
        try:
            return self._accept_native(value)
        except pydantic_core.ValidationError:
            return validate(self.validator, value, table_numbers=self._table_numbers)

    def decode(self, tree: object, /) -> Any:
        """The checked value that a JSON tree from the wire stands for.

        Raises:
            EncodingError: the tree is no encoded value.
            ValidationError: the value does not match.
        """
        try:
            return self._accept_wire(tree)
        except pydantic_core.ValidationError:
            value = decode_value(tree)
            return validate(self.validator, value, table_numbers=self._table_numbers)

    def encode(self, value: object, /) -> bytes:
        """The wire JSON of a value that :meth:`validate` or :meth:`decode` returned.

        Raises:
            EncodingError: the value holds something that is no Convex value.
        """
        check = self._plain_check
        return _dumps(value, plain=check is None or check(value))

    def encode_json(self, value: object, format: Format, /) -> bytes:  # noqa: A002
        """The JSON of such a value in one of the forms of ``wire-protocol`` 1.5.

        Raises:
            EncodingError: the value holds something that is no Convex value.
        """
        return converted(self.encode(value), format)


def compile_validator(
    validator: Validator, table_numbers: Mapping[str, int] | None, /
) -> CompiledValidator:
    """Make a validator ready for many values.

    Args:
        validator: What values must match; an optional one means its inner validator.
        table_numbers: Numbers of all user tables by name; ``None`` when they are not known, so that
            ids are checked for their form only. Looked up whenever an id is checked.

    Raises:
        TypeError: the validator is opaque, so its fields are not known.
    """
    return CompiledValidator(validator, table_numbers)


def dumps(value: object, /) -> bytes:
    """The encoded JSON text of any value: sorted keys, floats with a point or an exponent.

    Raises:
        EncodingError: the value holds something that is no Convex value, or breaks a limit.
    """
    return _dumps(value, plain=is_plain(value))


def _dumps(value: object, *, plain: bool) -> bytes:
    if plain:
        try:
            return orjson.dumps(value, option=_SORTED)
        except orjson.JSONEncodeError:
            pass  # a lone surrogate: the encoder below says where
    return orjson.dumps(encode_value(value), option=_SORTED)


def converted(data: bytes, format: Format, /) -> bytes:  # noqa: A002 - wire name
    """A text that :func:`dumps` wrote in another of the forms of ``wire-protocol`` 1.5.

    They differ only in values that the encoded form marks, which most texts have none of.
    """
    if format == "convex_encoded_json" or b'"$' not in data:
        return data
    return orjson.dumps(encode_value(loads(data), format), option=_SORTED)


def loads(data: bytes | str, /) -> Any:
    """The value of a text that :func:`dumps` wrote, such as a stored document.

    Text from elsewhere may hold JSON integers and break the rules; read it with
    ``decode_value(orjson.loads(text))`` or :meth:`CompiledValidator.decode`.

    Raises:
        ValueError: the text is no encoded value.
    """
    special = b'"$' in data if isinstance(data, bytes) else '"$' in data
    tree: Value = orjson.loads(data)
    return decode_value(tree) if special else tree


def loads_all(texts: Sequence[str], /) -> list[Any]:
    """The values of several texts; see :func:`loads`."""
    joined = f"[{','.join(texts)}]"
    trees: list[Value] = orjson.loads(joined)
    return [decode_value(tree) for tree in trees] if '"$' in joined else trees
