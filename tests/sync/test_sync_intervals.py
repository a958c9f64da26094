"""The interval index and the history of commits, against reading everything."""

from __future__ import annotations

import random
from math import log2

import pytest
from convexity.database.engine import Commit
from convexity.database.ranges import HIGHEST, LOWEST, ReadSet, WriteSet, key_successor
from convexity.database.write_log import MAX_LENGTH, decode_writes, encode_writes
from convexity.sync.commit_history import MAX_COMMITS, CommitHistory
from convexity.sync.interval_index import IntervalIndex
from hypothesis import given
from hypothesis import strategies as st

KEYS = st.binary(max_size=3) | st.sampled_from([LOWEST, HIGHEST])
NAMES = st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["by_id", "by_x"]))
RANGES = st.tuples(NAMES, KEYS, KEYS) | st.tuples(NAMES, KEYS).map(
    lambda drawn: (drawn[0], drawn[1], key_successor(drawn[1]))
)
READS = st.lists(RANGES, max_size=6)
WRITES = st.lists(st.tuples(NAMES, KEYS), max_size=6)


def read_set(ranges: list) -> ReadSet:
    reads = ReadSet()
    for (table, index), lower, upper in ranges:
        reads.add(table, index, lower, upper)
    return reads


def write_set(keys: list) -> WriteSet:
    writes = WriteSet()
    for (table, index), key in keys:
        writes.add(table, index, key)
    return writes


@given(
    held=st.lists(READS, max_size=12),
    removed=st.sets(st.integers(0, 11)),
    writes=st.lists(WRITES, max_size=6),
)
def test_the_index_finds_what_reading_all_would_find(
    held: list, removed: set[int], writes: list
) -> None:
    reads = [read_set(ranges) for ranges in held]
    index: IntervalIndex[int] = IntervalIndex()
    for number, one in enumerate(reads):
        index.add(one, number)
    for number in removed & set(range(len(reads))):
        index.remove(reads[number], number)
    for keys in writes:
        written = write_set(keys)
        expected = {
            number
            for number, one in enumerate(reads)
            if number not in removed and one.intersects(written)
        }
        assert index.find(written) == expected
    for number in set(range(len(reads))) - removed:
        index.remove(reads[number], number)
    assert len(index) == 0


class Counted(bytes):
    """A key that counts how often it is compared."""

    comparisons = 0

    def __lt__(self, other: bytes) -> bool:
        Counted.comparisons += 1
        return bytes.__lt__(self, other)

    def __le__(self, other: bytes) -> bool:
        Counted.comparisons += 1
        return bytes.__le__(self, other)

    def __gt__(self, other: bytes) -> bool:
        Counted.comparisons += 1
        return bytes.__gt__(self, other)

    def __ge__(self, other: bytes) -> bool:
        Counted.comparisons += 1
        return bytes.__ge__(self, other)


def key(number: int) -> Counted:
    return Counted(b"%08d" % number)


SHAPES = {
    "one after the other": lambda count: [(key(10 * n), key(10 * n + 10)) for n in range(count)],
    "one within the other": lambda count: [(key(n), key(20 * count - n)) for n in range(count)],
    "from the beginning": lambda count: [(key(0), key(10 * n + 10)) for n in range(count)],
    "to the end": lambda count: [(key(10 * n), key(20 * count)) for n in range(count)],
    "anywhere": lambda count: [
        (key(lower), key(lower + random.Random(lower).randrange(1, 50)))
        for lower in random.Random(count).sample(range(10 * count), count)
    ],
}
"""Ranges of as many readers as are asked for, by how they lie to each other."""


@pytest.mark.parametrize("shape", SHAPES)
def test_the_work_grows_with_what_is_found(shape: str) -> None:
    """By comparisons of keys: what is counted does not depend on the machine."""
    count = 2_000
    ranges = SHAPES[shape](count)
    random.Random(1).shuffle(ranges)
    index: IntervalIndex[int] = IntervalIndex()
    for number, (lower, upper) in enumerate(ranges):
        reads = ReadSet()
        reads.add("a", "by_x", lower, upper)
        index.add(reads, number)
    few = 0
    ends = [*range(10), *range(10 * count - 10, 10 * count)]
    for written in [*ends, *random.Random(2).sample(range(20 * count), 10)]:
        Counted.comparisons = 0
        found = index.find(write_set([(("a", "by_x"), key(written))]))
        spent = Counted.comparisons
        assert found == {
            number
            for number, (lower, upper) in enumerate(ranges)
            if int(lower) <= written < int(upper)
        }
        assert spent <= 8 * (len(found) + 1) * log2(count)
        few += len(found) < count // 100
    assert few > 0
    Counted.comparisons = 0
    for number, (lower, upper) in enumerate(ranges[:100]):
        reads = ReadSet()
        reads.add("a", "by_x", lower, upper)
        index.remove(reads, number)
    assert Counted.comparisons <= 100 * 16 * log2(count)


@given(reads=READS, commits=st.lists(WRITES, max_size=20), after=st.integers(0, 22))
def test_the_history_finds_the_first_commit_that_matters(
    reads: list, commits: list, after: int
) -> None:
    history, one = CommitHistory(0), read_set(reads)
    for ts, keys in enumerate(commits, 1):
        history.add(Commit(ts, write_set(keys)))
    changes = [
        ts for ts, keys in enumerate(commits, 1) if ts > after and one.intersects(write_set(keys))
    ]
    assert history.first_change(one, after) == (changes[0] if changes else None)


def test_what_is_forgotten_counts_as_changed() -> None:
    history = CommitHistory(0)
    for ts in range(1, MAX_COMMITS + 11):
        history.add(Commit(ts, WriteSet()))
    assert history.first_change(ReadSet(), 9) == 10
    assert history.first_change(ReadSet(), 10) is None


def test_a_commit_of_which_not_everything_is_known_counts_as_changed() -> None:
    history = CommitHistory(0)
    history.add(Commit(5, WriteSet(), is_complete=False))
    assert history.first_change(ReadSet(), 4) == 5
    assert history.first_change(ReadSet(), 5) is None


@given(WRITES)
def test_other_processes_read_what_was_written(keys: list) -> None:
    writes = write_set(keys)
    encoded = encode_writes(writes)
    assert encoded is not None
    assert decode_writes(encoded).keys == writes.keys


def test_too_many_keys_are_not_listed() -> None:
    assert encode_writes(write_set([(("a", "by_id"), b"x" * MAX_LENGTH)])) is None
