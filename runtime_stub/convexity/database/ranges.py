"""What transactions read and wrote, as ranges of index keys.

Keys are the memory-comparable ones of wire-protocol 7.1. Every key starts with a tag byte below
0x16, so that :data:`LOWEST` and :data:`HIGHEST` enclose all of them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

IndexName: TypeAlias = tuple[str, str]
"""Table and index."""

LOWEST: Final = b""
HIGHEST: Final = b"\xff"


def key_successor(key: bytes) -> bytes:
    """The smallest byte string greater than ``key``."""
    return key + b"\x00"


class RangeSet:
    """Half-open ranges of one index, disjoint and ascending; touching ones are merged."""

    __slots__ = ("_lowers", "_uppers")

    def __init__(self) -> None:
        self._lowers: list[bytes] = []
        self._uppers: list[bytes] = []

    def __len__(self) -> int:
        return len(self._lowers)

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        return iter(zip(self._lowers, self._uppers, strict=True))

    def __contains__(self, key: bytes) -> bool:
        position = bisect_right(self._lowers, key) - 1
        return position >= 0 and key < self._uppers[position]

    def add(self, lower: bytes, upper: bytes) -> int:
        """Add ``lower <= key < upper``; the answer is the change in the number of ranges."""
        if lower >= upper:
            return 0
        lowers, uppers = self._lowers, self._uppers
        first = bisect_left(uppers, lower)
        last = bisect_right(lowers, upper)
        if first < last:
            lower = min(lower, lowers[first])
            upper = max(upper, uppers[last - 1])
        lowers[first:last] = [lower]
        uppers[first:last] = [upper]
        return 1 - (last - first)


class WriteSet:
    """Keys written per index: those a document had before and those it has now."""

    __slots__ = ("_keys",)

    def __init__(self) -> None:
        self._keys: dict[IndexName, list[bytes]] = {}

    def __bool__(self) -> bool:
        return any(self._keys.values())

    @property
    def keys(self) -> Mapping[IndexName, Sequence[bytes]]:
        """Keys by table and index, in order of writing."""
        return self._keys

    def add(self, table: str, index: str, key: bytes) -> None:
        """Note that the entry ``key`` came, went or now means another document text."""
        keys = self._keys.get((table, index))
        if keys is None:
            keys = self._keys[table, index] = []
        keys.append(key)

    def mark(self) -> Mapping[IndexName, int]:
        """A position to which :meth:`roll_back` can return."""
        return {name: len(keys) for name, keys in self._keys.items()}

    def roll_back(self, mark: Mapping[IndexName, int]) -> None:
        """Forget what was added since ``mark``."""
        for name, keys in self._keys.items():
            del keys[mark.get(name, 0) :]


class NoKeys(WriteSet):
    """Notes nothing, for a transaction that writes too much to tell what."""

    __slots__ = ()

    def add(self, table: str, index: str, key: bytes) -> None:
        """Note nothing."""


class ReadSet:
    """Ranges read per index."""

    __slots__ = ("_ranges", "count")

    def __init__(self) -> None:
        self._ranges: dict[IndexName, RangeSet] = {}
        self.count = 0
        """Number of ranges over all indexes, which a limit counts (wire-protocol 10)."""

    @property
    def ranges(self) -> Mapping[IndexName, RangeSet]:
        """Ranges by table and index."""
        return self._ranges

    def add(self, table: str, index: str, lower: bytes, upper: bytes) -> int:
        """Add ``lower <= key < upper``; the answer is the change in the number of ranges."""
        ranges = self._ranges.get((table, index))
        if ranges is None:
            ranges = self._ranges[table, index] = RangeSet()
        change = ranges.add(lower, upper)
        self.count += change
        return change

    def intersects(self, writes: WriteSet) -> bool:
        """Whether a write may have changed what was read."""
        for name, keys in writes.keys.items():
            ranges = self._ranges.get(name)
            if ranges is not None and any(key in ranges for key in keys):
                return True
        return False
