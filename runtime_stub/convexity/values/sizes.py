"""Sizes of values as limits count them (``wire-protocol`` 1.4)."""

from __future__ import annotations

from collections.abc import Mapping

from convexity.values.encoding import not_a_value
from convexity.values.value import UNSET


def value_size(value: object, /) -> int:
    """Size in bytes: what counts against the limits, not what storage or the wire use.

    Raises:
        EncodingError: something is no Convex value.
    """
    kind = type(value)
    if kind is str:
        return 2 + _utf8_length(value)  # type: ignore[arg-type]
    if kind is float:
        return 9
    if value is None or kind is bool:
        return 1
    if isinstance(value, dict):
        return document_size(value)
    if isinstance(value, list):
        return 2 + sum([value_size(item) for item in value])
    if isinstance(value, int | float):
        return 9
    if isinstance(value, bytes):
        return 2 + len(value)
    if isinstance(value, str):
        return 2 + _utf8_length(value)
    raise not_a_value(value)


def document_size(document: Mapping[str, object], /) -> int:
    """Size in bytes of a document with all the fields given; fields that hold ``UNSET`` are absent.

    Raises:
        EncodingError: something is no Convex value.
    """
    size = 2
    for name, item in document.items():
        if item is not UNSET:
            size += _utf8_length(name) + 1 + value_size(item)
    return size


def _utf8_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())
