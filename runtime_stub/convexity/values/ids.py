"""Document ids: a table number and 16 bytes, as text (``wire-protocol`` section 6)."""

from __future__ import annotations

import os
from functools import lru_cache
from itertools import accumulate
from typing import Final, NamedTuple

STORAGE_TABLE_NUMBER: Final = 540
"""Number of ``_storage`` (``wire-protocol`` 6.3)."""
SCHEDULED_FUNCTIONS_TABLE_NUMBER: Final = 539
"""Number of ``_scheduled_functions`` (``wire-protocol`` 6.3)."""
CRON_JOBS_TABLE_NUMBER: Final = 531
"""Number of ``_cron_jobs`` (``wire-protocol`` 6.3)."""
ENVIRONMENT_VARIABLES_TABLE_NUMBER: Final = 530
"""Number of ``_environment_variables``, our own choice."""
FILES_TABLE_NUMBER: Final = 768
"""Number of ``_files``, which is our own; Convex's system tables end far below."""
SYSTEM_TABLE_NUMBERS: Final = {
    "_storage": STORAGE_TABLE_NUMBER,
    "_scheduled_functions": SCHEDULED_FUNCTIONS_TABLE_NUMBER,
    "_cron_jobs": CRON_JOBS_TABLE_NUMBER,
    "_environment_variables": ENVIRONMENT_VARIABLES_TABLE_NUMBER,
    "_files": FILES_TABLE_NUMBER,
}
"""Numbers of the system tables."""
FIRST_COMPONENT_TABLE_NUMBER: Final = 1024
"""System tables of components are numbered from here upward; none of Convex's are above."""
COMPONENT_TABLE_BLOCK: Final = 16
"""Distance of the numbers that system tables of one kind have in different components: numbers that
two databases gave them mean the same kind of table."""
FIRST_USER_TABLE_NUMBER: Final = 10_001
"""User tables are numbered from here upward (``wire-protocol`` 6.3)."""

INTERNAL_ID_LENGTH: Final = 16
"""Bytes of the part of an id that is unique within its table."""

_VERSION: Final = 0
_MAX_TABLE_NUMBER: Final = 2**32 - 1
_MIN_LENGTH: Final = 31
_MAX_LENGTH: Final = 37
_RANDOM_LENGTH: Final = 14
_DAY: Final = 86_400
_ALPHABET: Final = b"0123456789abcdefghjkmnpqrstvwxyz"
_TO_INT_DIGITS: Final = bytes.maketrans(_ALPHABET, b"0123456789abcdefghijklmnopqrstuv")
_DIGIT_PAIRS: Final = [chr(high) + chr(low) for high in _ALPHABET for low in _ALPHABET]


class IdDecodeError(ValueError):
    """A text is not a document id; the message is the one official clients know."""

    def __init__(self, reason: str, /) -> None:
        """Take the reason, which is prefixed with "Unable to decode ID: "."""
        super().__init__(f"Unable to decode ID: {reason}")


class DecodedId(NamedTuple):
    """The two parts of a document id."""

    table_number: int
    internal_id: bytes


def encode_id(table_number: int, internal_id: bytes, /) -> str:
    """The text of an id: lower-case Crockford base32 of varint, internal id and checksum.

    Raises:
        ValueError: the table number is not in 1 .. 2**32 - 1, or the internal id not 16 bytes.
    """
    if not 1 <= table_number <= _MAX_TABLE_NUMBER:
        raise ValueError(f"table number {table_number} is not in 1 .. 2**32 - 1")
    if len(internal_id) != INTERNAL_ID_LENGTH:
        raise ValueError(f"an internal id has {INTERNAL_ID_LENGTH} bytes, not {len(internal_id)}")
    body = _encode_varint(table_number) + internal_id
    return _encode_base32(body + _checksum(body).to_bytes(2, "little"))


def decode_id(text: str, /) -> DecodedId:
    """The parts of an id, which is accepted only in its canonical form.

    Raises:
        IdDecodeError: the text is not an id.
    """
    if not _MIN_LENGTH <= len(text) <= _MAX_LENGTH:
        raise IdDecodeError(f"Invalid ID length {len(text)}")
    data = _decode_base32(text)
    table_number, start = _decode_varint(data)
    end = start + INTERNAL_ID_LENGTH
    if len(data) != end + 2:
        raise IdDecodeError(f"Invalid ID length {len(text)}")
    footer, expected = int.from_bytes(data[end:], "little"), _checksum(data[:end])
    if footer != expected:
        raise IdDecodeError(f"Invalid ID version {footer} (expected {expected})")
    return DecodedId(table_number, data[start:end])


def new_id(table_number: int, now: float, /) -> str:
    """A fresh id: 14 random bytes and the day, so that ids of one day share their last bytes.

    Args:
        table_number: Number of the table, see :func:`encode_id`.
        now: Time of the insert, seconds since the epoch.
    """
    day = int(now // _DAY)
    return encode_id(table_number, os.urandom(_RANDOM_LENGTH) + (day & 0xFFFF).to_bytes(2, "big"))


@lru_cache(maxsize=1024)
def _encode_varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _decode_varint(data: bytes) -> tuple[int, int]:
    number = 0
    for position, byte in enumerate(data[:5]):
        number |= (byte & 0x7F) << (7 * position)
        if byte < 0x80:
            # A last group of zero would be a longer, not canonical spelling of the same number.
            if byte and number <= _MAX_TABLE_NUMBER:
                return number, position + 1
            break
    raise IdDecodeError("Invalid table number")


def _encode_base32(data: bytes) -> str:
    """Crockford base32 without padding: most significant bit first, filled up with zero bits."""
    length = -(-len(data) * 8 // 5)
    digits = length + length % 2
    number = int.from_bytes(data, "big") << (digits * 5 - len(data) * 8)
    pairs = [_DIGIT_PAIRS[number >> shift & 1023] for shift in range(digits * 5 - 10, -10, -10)]
    return "".join(pairs)[:length]


def _decode_base32(text: str) -> bytes:
    try:
        raw = text.encode("ascii")
    except UnicodeEncodeError:
        raise IdDecodeError("ID wasn't valid base32") from None
    if raw.translate(None, _ALPHABET):
        raise IdDecodeError("ID wasn't valid base32")
    size, spare = divmod(len(raw) * 5, 8)
    number = int(raw.translate(_TO_INT_DIGITS), 32)
    if spare >= 5 or number & ((1 << spare) - 1):
        raise IdDecodeError("ID wasn't valid base32")
    return (number >> spare).to_bytes(size, "big")


def _checksum(body: bytes) -> int:
    """Fletcher-16 modulo 256 over the body, marked with the format version."""
    return ((sum(accumulate(body)) & 0xFF) << 8 | sum(body) & 0xFF) ^ _VERSION
