"""Times on the wire: base64 of an unsigned 64-bit integer, little endian (wire-protocol 3.2)."""

from __future__ import annotations

import base64
import binascii
from typing import Final

MAX_TIMESTAMP: Final = 2**63 - 1
_LENGTH: Final = 8


def encode_timestamp(ts: int) -> str:
    """Text of a time in nanoseconds since the epoch."""
    return base64.b64encode(ts.to_bytes(_LENGTH, "little")).decode("ascii")


def decode_timestamp(text: object) -> int:
    """The time that :func:`encode_timestamp` was given.

    Raises:
        ValueError: it is not base64 of 8 bytes, or lies beyond the largest time.
    """
    try:
        data = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except binascii.Error:
        data = b""
    ts = int.from_bytes(data, "little")
    if len(data) != _LENGTH or ts > MAX_TIMESTAMP:
        raise ValueError(f"{text!r} is no timestamp: expected base64 of 8 bytes")
    return ts
