"""The keys of a commit as bytes, which other processes of the same database read.

Per table and index: its two names, then its keys; every text and key is preceded by its length.
"""

from __future__ import annotations

from typing import Final

from convexity.database.ranges import WriteSet

MAX_LENGTH: Final = 2**20
"""Bytes above which the keys of a transaction are not listed."""

_LENGTH_BYTES: Final = 4


def encode_writes(writes: WriteSet) -> bytes | None:
    """The keys as bytes; ``None`` if there are too many."""
    parts: list[bytes] = []
    for (table, index), keys in writes.keys.items():
        parts += (table.encode(), index.encode(), len(keys).to_bytes(_LENGTH_BYTES, "big"), *keys)
    if sum(map(len, parts)) + _LENGTH_BYTES * len(parts) > MAX_LENGTH:
        return None
    return b"".join([len(part).to_bytes(_LENGTH_BYTES, "big") + part for part in parts])


def decode_writes(data: bytes) -> WriteSet:
    """What :func:`encode_writes` was given."""
    writes = WriteSet()
    parts = _parts(data)
    position = 0
    while position < len(parts):
        table, index = parts[position].decode(), parts[position + 1].decode()
        count = int.from_bytes(parts[position + 2], "big")
        position += 3
        for key in parts[position : position + count]:
            writes.add(table, index, key)
        position += count
    return writes


def _parts(data: bytes) -> list[bytes]:
    parts: list[bytes] = []
    position = 0
    while position < len(data):
        start = position + _LENGTH_BYTES
        position = start + int.from_bytes(data[position:start], "big")
        parts.append(data[start:position])
    return parts
