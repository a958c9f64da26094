"""Which part of a file a request asks for (RFC 9110, section 14)."""

from __future__ import annotations

import re
from typing import Final

_UNIT: Final = "bytes"
_PART: Final = re.compile(r"(\d{1,18})-(\d{0,18})|-(\d{1,18})")


class UnsatisfiableError(Exception):
    """The request asks for no part that there is, or for several."""


def requested_range(text: str | None, size: int) -> tuple[int, int] | None:
    """The first byte, and the one after the last, that a ``Range`` header asks for.

    ``None``: it asks for the whole file; so does a header in another unit than bytes, and any for
    an empty file.

    Raises:
        UnsatisfiableError: it does not ask for exactly one part that there is (wire-protocol 4.3).
    """
    unit, _, parts = (text or "").partition("=")
    if unit.strip().lower() != _UNIT or size == 0:
        return None
    found = [part for text in parts.split(",") if (part := _part(text.strip(), size)) is not None]
    if len(found) != 1:
        raise UnsatisfiableError
    return found[0]


def _part(text: str, size: int) -> tuple[int, int] | None:
    match = _PART.fullmatch(text)
    if match is None:
        return None
    first, last, suffix = match.groups()
    if suffix is not None:
        start, stop = max(size - int(suffix), 0), size
    else:
        start, stop = int(first), min(int(last) + 1, size) if last else size
    return (start, stop) if start < stop else None
