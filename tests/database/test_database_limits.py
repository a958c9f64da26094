"""Limits of transactions and what counts against them."""

from __future__ import annotations

import contextlib
import itertools
from pathlib import Path
from typing import Any

import pytest
from convexity.database.engine import Commit
from convexity.database.limits import DEFAULT_LIMITS, TransactionLimits
from convexity.database.ranges import RangeSet, ReadSet, WriteSet
from convexity.database.transaction import Transaction
from convexity.database.writer import DatabaseWriter
from convexity.errors import TransactionLimitError, TransactionLimitReached
from convexity.values import v
from hypothesis import given
from hypothesis import strategies as st

from tests.database.by_hand import Database, deployed, make_table

NOTES = make_table("notes", v.object(n=v.number(), text=v.optional(v.string())), {"by_n": ["n"]})


def used(transaction: Transaction) -> dict[str, int]:
    return {name: getattr(transaction.metrics(), name).used for name in DEFAULT_LIMITS}


async def seed(database: Database, count: int = 10) -> list[Any]:
    return await database.insert("notes", *({"n": n} for n in range(count)))


async def test_what_counts(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        ids = await seed(database)

        async def work(db: DatabaseWriter, transaction: Transaction) -> None:
            assert set(used(transaction).values()) == {0}
            await db.get(ids[0])
            assert used(transaction)["documents_read"] == 1
            await db.delete(ids[0])
            assert used(transaction)["documents_read"] == 2
            assert used(transaction)["documents_written"] == 1
            await db.get(ids[0])
            assert used(transaction)["documents_read"] == 2
            assert used(transaction)["database_queries"] == 1
            await db.patch(ids[1], {"text": "é" * 100})
            counts = used(transaction)
            assert counts["documents_read"] == 3
            assert counts["documents_written"] == 2
            assert counts["bytes_written"] > 200
            assert counts["database_queries"] == 2
            transaction.count_scheduled(40)
            assert used(transaction)["functions_scheduled"] == 1
            assert used(transaction)["scheduled_function_args_bytes"] == 40
            metric = transaction.metrics().documents_written
            assert metric.used + metric.remaining == 16_000

        await database.commit(work)


async def test_neighbouring_ranges_count_once(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        await seed(database, 1000)
        async with database.reading() as (db, transaction):
            assert len([note async for note in db.query("notes").with_index("by_n")]) == 1000
            await db.query("notes").with_index("by_n").gt("n", 3).lt("n", 500).collect()
            assert used(transaction)["database_queries"] == 1
            await db.query("notes").take(3)
            assert used(transaction)["database_queries"] == 2


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        (
            "documents_read",
            r"Too many documents read in a single function execution \(limit: 5\)\.",
        ),
        ("bytes_read", r"Too many bytes read in a single function execution \(limit: 5 bytes\)\."),
        ("database_queries", r"Too many reads in a single function execution \(limit: 5\)\."),
        ("documents_written", r"Too many writes in a single function execution \(limit: 5\)"),
        ("bytes_written", r"Too many bytes written in a single function execution \(limit: 5 b"),
        ("functions_scheduled", r"Too many functions scheduled by this mutation \(limit: 5\)\."),
        ("scheduled_function_args_bytes", r"arguments of functions scheduled .*\(limit: 5 bytes"),
    ],
)
async def test_each_limit(tmp_path: Path, limit: str, message: str) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        ids = await seed(database)
        limits = TransactionLimits(**{limit: 5})

        async def exceed(transaction: Transaction) -> None:
            db = DatabaseWriter(transaction)
            for document_id in ids:
                await db.patch(document_id, {"text": "x"})
                transaction.count_scheduled(1)

        async def nested(_: DatabaseWriter, transaction: Transaction) -> None:
            with pytest.raises(TransactionLimitError, match=message) as info:
                async with transaction.subtransaction(writable=True, limits=limits) as inner:
                    await exceed(inner)
            assert info.value.limit == limit
            await exceed(transaction)

        await database.commit(nested)
        with pytest.raises(TransactionLimitReached, match=message) as info:
            await database.commit(lambda _, transaction: exceed(transaction), limits=limits)
        assert info.value.limit == limit


async def test_the_default_limits_are_enforced(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        for _ in range(3):
            await seed(database, 11_000)
        async with database.reading() as (db, _):
            with pytest.raises(TransactionLimitReached, match=r"\(limit: 32000\)"):
                await db.query("notes").collect()
        with pytest.raises(TransactionLimitReached, match=r"Too many writes .*\(limit: 16000\)"):
            await seed(database, 16_001)
        assert await count(database) == 33_000


async def count(database: Database) -> int:
    async with database.engine.snapshot() as snapshot:
        index = database.catalog.table("notes").indexes["by_creation_time"]
        rows = await snapshot.scan(index, b"", b"\xff", order="asc", limit=10**6)
        return len(rows)


async def test_a_nested_call_cannot_go_beyond_the_outer_limits(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:

        async def work(db: DatabaseWriter, transaction: Transaction) -> None:
            await db.insert("notes", {"n": 1})
            generous = TransactionLimits(documents_written=100)
            async with transaction.subtransaction(writable=True, limits=generous) as inner:
                assert inner.metrics().documents_written.remaining == 2
                for n in range(5):
                    await DatabaseWriter(inner).insert("notes", {"n": n})

        with pytest.raises(TransactionLimitReached):
            await database.commit(work, limits=TransactionLimits(documents_written=3))
        assert await database.all("notes") == []


async def test_a_rollback_gives_writes_back_and_keeps_reads(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        ids = await seed(database)

        async def work(_: DatabaseWriter, transaction: Transaction) -> None:
            with contextlib.suppress(KeyError):
                async with transaction.subtransaction(writable=True) as inner:
                    await DatabaseWriter(inner).patch(ids[0], {"n": 100})
                    inner.count_scheduled(9)
                    raise KeyError
            counts = used(transaction)
            assert counts["documents_read"] == 1
            assert counts["documents_written"] == counts["bytes_written"] == 0
            assert counts["functions_scheduled"] == 0
            assert counts["scheduled_function_args_bytes"] == 0
            assert not transaction.write_set
            assert transaction.read_set.count == 1

        await database.commit(work)


async def test_read_and_write_sets_meet_where_a_result_may_change(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        ids = await seed(database)
        commits: list[Commit] = []
        database.engine.on_commit(commits.append)

        async def affected(read: Any, write: Any) -> bool:
            async with database.reading() as (db, transaction):
                await read(db)
            await database.mutate(write)
            return transaction.read_set.intersects(commits[-1].writes)

        def by_n(db: Any) -> Any:
            return db.query("notes").with_index("by_n")

        first_three = lambda db: by_n(db).take(3)  # noqa: E731
        assert await affected(first_three, lambda db: db.insert("notes", {"n": 1.5}))
        assert not await affected(first_three, lambda db: db.insert("notes", {"n": 2.5}))
        assert not await affected(first_three, lambda db: db.patch(ids[8], {"text": "x"}))
        assert await affected(first_three, lambda db: db.patch(ids[0], {"text": "x"}))
        assert await affected(first_three, lambda db: db.patch(ids[8], {"n": 0}))
        assert await affected(first_three, lambda db: db.delete(ids[8]))
        last_two = lambda db: by_n(db).order("desc").take(2)  # noqa: E731
        assert await affected(last_two, lambda db: db.insert("notes", {"n": 99}))
        assert not await affected(last_two, lambda db: db.insert("notes", {"n": 1}))
        none = lambda db: by_n(db).gt("n", 500).lt("n", 600).collect()  # noqa: E731
        assert await affected(none, lambda db: db.insert("notes", {"n": 550}))
        assert not await affected(none, lambda db: db.insert("notes", {"n": 600}))
        get = lambda db: db.get(ids[1])  # noqa: E731
        assert await affected(get, lambda db: db.patch(ids[1], {"n": 5}))
        assert not await affected(get, lambda db: db.patch(ids[2], {"n": 5}))
        assert await affected(get, lambda db: db.delete(ids[1]))


keys = st.binary(max_size=3)


async def test_counting_a_table_reads_none_of_its_documents(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        await seed(database, 20)
        limits = TransactionLimits(documents_read=5)
        async with database.engine.snapshot() as snapshot:
            transaction = Transaction(snapshot, database.catalog, limits=limits)
            assert await transaction.count(database.catalog.table("notes")) == 20
            assert used(transaction)["documents_read"] == 0
            reads = transaction.read_set
        commits: list[Commit] = []
        database.engine.on_commit(commits.append)
        await seed(database, 1)
        assert reads.intersects(commits[-1].writes)


@given(st.lists(st.tuples(keys, keys)), st.lists(keys))
def test_ranges_merge_like_sets(ranges: list[tuple[bytes, bytes]], probes: list[bytes]) -> None:
    merged = RangeSet()
    total = 0
    for lower, upper in ranges:
        total += merged.add(lower, upper)
    assert total == len(merged) == len(list(merged))
    bounds = list(merged)
    assert all(lower < upper for lower, upper in bounds)
    assert all(a[1] < b[0] for a, b in itertools.pairwise(bounds))
    for key in [*probes, *(bound for pair in ranges for bound in pair)]:
        assert (key in merged) is any(lower <= key < upper for lower, upper in ranges)


@given(keys, keys, st.lists(keys, max_size=4), st.lists(keys, max_size=4))
def test_sets_intersect_by_index(
    lower: bytes, upper: bytes, kept: list[bytes], undone: list[bytes]
) -> None:
    reads, writes = ReadSet(), WriteSet()
    reads.add("t", "i", lower, upper)
    for key in kept:
        writes.add("t", "i", key)
    mark = writes.mark()
    for key in undone:
        writes.add("t", "i", key)
        writes.add("t", "other", key)
    writes.roll_back(mark)
    assert bool(writes) is bool(kept)
    assert reads.intersects(writes) is any(lower <= key < upper for key in kept)
