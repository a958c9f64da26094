"""Which of many read sets a commit concerns, in time that grows with those and not with all.

Read sets consist mostly of single keys, from ``db.get``, and of ranges that many queries share.
Single keys are looked up by themselves; ranges lie in an interval tree, each once.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import TYPE_CHECKING, Generic, TypeVar

from convexity.database.ranges import key_successor
from convexity.sync.interval_tree import IntervalTree

if TYPE_CHECKING:
    from convexity.database.ranges import IndexName, ReadSet, WriteSet

H = TypeVar("H", bound=Hashable)


class IntervalIndex(Generic[H]):
    """Holders of read sets, found by the keys that are written."""

    def __init__(self) -> None:
        self._indexes: dict[IndexName, _OneIndex[H]] = {}

    def __len__(self) -> int:
        """Number of different keys and ranges."""
        return sum(map(len, self._indexes.values()))

    def add(self, reads: ReadSet, holder: H) -> None:
        """Let ``holder`` be found by whatever touches ``reads``."""
        for name, lower, upper in _ranges(reads):
            one = self._indexes.get(name)
            if one is None:
                one = self._indexes[name] = _OneIndex()
            one.add(lower, upper, holder)

    def remove(self, reads: ReadSet, holder: H) -> None:
        """Undo :meth:`add` with the same read set."""
        for name, lower, upper in _ranges(reads):
            one = self._indexes[name]
            one.remove(lower, upper, holder)
            if not one:
                del self._indexes[name]

    def find(self, writes: WriteSet) -> set[H]:
        """The holders of read sets that contain a written key."""
        found: set[H] = set()
        for name, keys in writes.keys.items():
            one = self._indexes.get(name)
            if one is not None:
                for holders in one.touched(keys):
                    found |= holders
        return found


def _ranges(reads: ReadSet) -> Iterator[tuple[IndexName, bytes, bytes]]:
    for name, ranges in reads.ranges.items():
        for lower, upper in ranges:
            yield name, lower, upper


class _OneIndex(Generic[H]):
    """The part of one table and index."""

    __slots__ = ("_by_key", "_by_range", "_tree")

    def __init__(self) -> None:
        self._by_key: dict[bytes, set[H]] = {}
        self._by_range: dict[tuple[bytes, bytes], set[H]] = {}
        self._tree = IntervalTree()

    def __len__(self) -> int:
        return len(self._by_key) + len(self._by_range)

    def add(self, lower: bytes, upper: bytes, holder: H) -> None:
        if upper == key_successor(lower):
            self._by_key.setdefault(lower, set()).add(holder)
            return
        holders = self._by_range.get((lower, upper))
        if holders is None:
            holders = self._by_range[lower, upper] = set()
            self._tree.add((lower, upper))
        holders.add(holder)

    def remove(self, lower: bytes, upper: bytes, holder: H) -> None:
        if upper == key_successor(lower):
            holders = self._by_key[lower]
            holders.discard(holder)
            if not holders:
                del self._by_key[lower]
            return
        holders = self._by_range[lower, upper]
        holders.discard(holder)
        if not holders:
            del self._by_range[lower, upper]
            self._tree.remove((lower, upper))

    def touched(self, keys: Iterable[bytes]) -> Iterator[set[H]]:
        """Sets of holders; one may come several times."""
        for key in keys:
            holders = self._by_key.get(key)
            if holders is not None:
                yield holders
            for bounds in self._tree.at(key):
                yield self._by_range[bounds]
