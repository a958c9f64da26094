"""The interval index and the history of commits, against reading everything."""

from __future__ import annotations

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
