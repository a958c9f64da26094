"""Commits: durable when acknowledged, in one order, isolated from snapshots."""

from __future__ import annotations

import asyncio
from importlib import import_module
from pathlib import Path
from typing import Any

import apsw
import pytest
from convexity.database import group_commit
from convexity.database.engine import Commit
from convexity.database.postgres.address import POOL_SIZE
from convexity.database.sqlite.off_loop import off_loop
from convexity.database.writer import DatabaseWriter
from convexity.errors import OverloadedError, SnapshotTooOldError
from convexity.values import v

from tests.database.by_hand import Database, deployed, make_table
from tests.support.engines import ENGINE, IS_POSTGRES, run_sql, sqlite_only

readers = import_module(f"convexity.database.{ENGINE}.readers")
MAX_READERS = POOL_SIZE if IS_POSTGRES else readers.MAX_READERS

NOTES = make_table("notes", v.object(n=v.number(), padding=v.optional(v.string())), {"by_n": ["n"]})


@pytest.fixture
def _groups_that_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have what starts together join one group even on a busy machine."""
    monkeypatch.setattr(group_commit, "_MAX_GROUP_SECONDS", 0.5)


def number_of_documents(path: Path) -> int:
    """As anybody else sees the database."""
    count: int = run_sql("SELECT count(*) FROM notes", path=path)[0][0]
    return count


async def test_concurrent_mutations_are_all_durable(tmp_path: Path) -> None:
    path = tmp_path / "made" / "on" / "demand" / "app.db"
    async with deployed(path, NOTES) as database:

        async def one(n: int) -> int:
            committed = await database.commit(lambda db, _: db.insert("notes", {"n": n}))
            if n % 100 == 0:
                assert number_of_documents(path) > 0
            return committed.ts

        times = await asyncio.gather(*(one(n) for n in range(300)))
        assert times == sorted(set(times))
        assert number_of_documents(path) == 300
    async with deployed(path, NOTES) as database:
        assert [note["n"] for note in await database.all("notes")] == list(range(300))
        assert (await database.commit(lambda db, _: db.insert("notes", {"n": 0}))).ts > times[-1]


async def test_a_failing_mutation_leaves_nothing_and_harms_nobody(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:

        async def one(n: int) -> None:
            async def work(db: DatabaseWriter) -> None:
                await db.insert("notes", {"n": n})
                await asyncio.sleep(0)
                if n % 3 == 0:
                    raise KeyError(n)

            await database.mutate(work)

        results = await asyncio.gather(*(one(n) for n in range(60)), return_exceptions=True)
        assert [isinstance(r, KeyError) for r in results] == [n % 3 == 0 for n in range(60)]
        kept = [note["n"] for note in await database.all("notes")]
        assert kept == [n for n in range(60) if n % 3]


async def test_mutations_see_one_another_in_order(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        counter = (await database.insert("notes", {"n": 0}))[0]

        async def increment(db: DatabaseWriter) -> float:
            note: Any = await db.get(counter)
            await asyncio.sleep(0)
            await db.patch(counter, {"n": note["n"] + 1})
            return float(note["n"])

        seen = await asyncio.gather(*(database.mutate(increment) for _ in range(50)))
        assert seen == list(range(50))


async def test_cancelled_mutations(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        started, forever = asyncio.Event(), asyncio.Event()

        async def stuck(db: DatabaseWriter) -> None:
            await db.insert("notes", {"n": -1})
            started.set()
            await forever.wait()

        running = asyncio.create_task(database.mutate(stuck))
        await started.wait()
        waiting = [asyncio.create_task(database.insert("notes", {"n": n})) for n in range(6)]
        await asyncio.sleep(0)
        for task in (*waiting[::2], running):
            task.cancel()
        results = await asyncio.gather(running, *waiting, return_exceptions=True)
        assert sum(isinstance(result, asyncio.CancelledError) for result in results) == 4
        assert [note["n"] for note in await database.all("notes")] == [1, 3, 5]


@pytest.mark.usefixtures("_groups_that_wait")
async def test_a_slow_mutation_does_not_delay_those_that_finished(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        gate, runs = asyncio.Event(), 0

        async def slow(db: DatabaseWriter) -> int:
            nonlocal runs
            runs += 1
            await db.insert("notes", {"n": 2})
            await gate.wait()
            return len(await db.query("notes").collect())

        first = asyncio.create_task(database.insert("notes", {"n": 1}))
        running = asyncio.create_task(database.mutate(slow))
        last = asyncio.create_task(database.insert("notes", {"n": 3}))
        await asyncio.wait_for(first, 60)
        assert not running.done()
        assert [note["n"] for note in await database.all("notes")] == [1]
        gate.set()
        assert await running == 2
        await last
        assert runs == 2
        assert [note["n"] for note in await database.all("notes")] == [1, 2, 3]


@pytest.mark.usefixtures("_groups_that_wait")
async def test_an_interrupted_mutation_runs_again_whatever_it_makes_of_it(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        interrupted = asyncio.Event()

        async def stubborn(db: DatabaseWriter) -> str:
            if interrupted.is_set():
                return "again"
            await db.insert("notes", {"n": 2})
            try:
                await interrupted.wait()
            except asyncio.CancelledError:
                interrupted.set()
                raise KeyError("not its own mistake") from None
            return "never"

        first = asyncio.create_task(database.insert("notes", {"n": 1}))
        assert await asyncio.wait_for(database.mutate(stubborn), 60) == "again"
        await first
        assert [note["n"] for note in await database.all("notes")] == [1]


@pytest.mark.usefixtures("_groups_that_wait")
async def test_a_slow_mutation_can_be_cancelled_when_it_was_interrupted(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        runs = asyncio.Semaphore(0)

        async def stuck(db: DatabaseWriter) -> None:
            await db.insert("notes", {"n": 2})
            runs.release()
            await asyncio.Event().wait()

        first = asyncio.create_task(database.insert("notes", {"n": 1}))
        running = asyncio.create_task(database.mutate(stuck))
        last = asyncio.create_task(database.insert("notes", {"n": 3}))
        await first
        for _ in range(2):
            await asyncio.wait_for(runs.acquire(), 60)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await last
        assert [note["n"] for note in await database.all("notes")] == [1, 3]


async def test_a_query_sees_one_snapshot(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        await database.insert("notes", {"n": 1})
        async with database.reading() as (db, transaction):
            await database.insert("notes", {"n": 2})
            assert len(await db.query("notes").collect()) == 1
            async with database.reading() as (newer, newer_transaction):
                assert len(await newer.query("notes").collect()) == 2
                assert newer_transaction.timestamp > transaction.timestamp
            assert len(await db.query("notes").collect()) == 1


async def test_a_query_waits_for_a_free_reader(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        await database.insert("notes", {"n": 1})
        together = asyncio.Barrier(MAX_READERS)

        async def read() -> int:
            async with database.reading() as (db, _):
                await together.wait()
                return len(await db.query("notes").collect())

        results = await asyncio.gather(*(read() for _ in range(2 * MAX_READERS)))
        assert set(results) == {1}


async def test_a_pinned_snapshot_outlives_newer_commits(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        await database.insert("notes", {"n": 1})
        first = await database.engine.latest_timestamp()
        assert await database.engine.latest_timestamp() == first
        await database.insert("notes", {"n": 2})
        second = await database.engine.latest_timestamp()
        for ts, count in ((first, 1), (second, 2), (first, 1)):
            async with database.reading(ts=ts) as (db, transaction):
                assert transaction.timestamp == ts
                assert len(await db.query("notes").collect()) == count


async def test_pins_are_bounded_and_those_in_use_stay(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        first = await database.engine.latest_timestamp()
        async with database.reading(ts=first) as (db, _):
            for n in range(readers.MAX_PINS):
                await database.insert("notes", {"n": n})
                await database.engine.latest_timestamp()
            assert await db.query("notes").collect() == []
        with pytest.raises(SnapshotTooOldError, match="no longer kept"):
            async with database.reading(ts=first):
                pass


async def test_pins_expire(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "PIN_SECONDS", 0.0)
    async with deployed(tmp_path / "app.db", NOTES) as database:
        pinned = await database.engine.latest_timestamp()
        async with database.reading(ts=pinned) as (db, _):
            assert await db.query("notes").collect() == []
        await database.insert("notes", {"n": 1})
        await asyncio.sleep(0)
        with pytest.raises(SnapshotTooOldError):
            async with database.reading(ts=pinned):
                pass


async def test_listeners_learn_of_commits_in_order(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        commits: list[Commit] = []

        def failing(_: Commit) -> None:
            raise KeyError("a listener's own mistake")

        database.engine.on_commit(failing)
        remove = database.engine.on_commit(commits.append)
        await asyncio.gather(*(database.insert("notes", {"n": n}) for n in range(20)))
        await database.mutate(lambda db: db.query("notes").collect())
        times = [commit.ts for commit in commits]
        assert len(times) == 20
        assert times == sorted(set(times))
        assert all(commit.writes.keys[("notes", "by_n")] for commit in commits)
        remove()
        await database.insert("notes", {"n": 99})
        assert len(commits) == 20


async def test_a_mutation_that_only_reads_has_the_time_of_what_it_saw(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        written = await database.commit(lambda db, _: db.insert("notes", {"n": 1}))
        for _ in range(2):
            read = await database.commit(lambda db, _: db.query("notes").collect())
            async with database.reading() as (_, transaction):
                assert written.ts <= read.ts <= transaction.timestamp


@sqlite_only
async def test_another_processs_lock_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        other = apsw.Connection(str(tmp_path / "app.db"))
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(database.insert("notes", {"n": 1}))
        async with database.reading() as (db, _):
            assert await db.query("notes").collect() == []
        assert not waiting.done()
        other.execute("COMMIT")
        await waiting
        other.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr("convexity.database.sqlite.group_commit.LOCK_TIMEOUT", 0.0)
        with pytest.raises(OverloadedError, match="another process has locked the database"):
            await database.insert("notes", {"n": 2})
        other.execute("COMMIT")
        other.close()
        await database.insert("notes", {"n": 3})


async def test_two_engines_on_one_file_keep_one_order(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    async with deployed(path, NOTES) as one, deployed(path, NOTES) as two:
        times = []
        for n in range(10):
            database = (one, two)[n % 2]
            committed = await database.commit(lambda db, _: db.insert("notes", {"n": 1}))
            times.append(committed.ts)
        assert times == sorted(set(times))

        async def burst(database: Database) -> None:
            await asyncio.gather(*(database.insert("notes", {"n": 100}) for _ in range(50)))

        await asyncio.gather(burst(one), burst(two))
        assert len(await one.all("notes")) == len(await two.all("notes")) == 110


@sqlite_only
@pytest.mark.usefixtures("_groups_that_wait")
async def test_a_full_disk_undoes_the_group_and_says_so(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        await database.insert("notes", {"n": 1})
        connection = database.engine._require_serving().group_commit._connection
        pages = connection.pragma("page_count")
        gate = asyncio.Event()

        async def first(db: DatabaseWriter) -> None:
            await db.insert("notes", {"n": 2})
            await gate.wait()
            connection.pragma("max_page_count", pages + 20)

        async def fill(db: DatabaseWriter) -> None:
            with pytest.raises(OverloadedError, match="full"):
                await db.insert("notes", {"n": 3, "padding": "x" * 1_000_000})
            with pytest.raises(OverloadedError, match="undone"):
                await db.insert("notes", {"n": 4})

        group = [
            asyncio.create_task(database.mutate(first)),
            asyncio.create_task(database.insert("notes", {"n": 5})),
            asyncio.create_task(database.mutate(fill)),
        ]
        await asyncio.sleep(0)
        gate.set()
        results = await asyncio.gather(*group, return_exceptions=True)
        assert all(isinstance(result, OverloadedError) for result in results), results
        connection.pragma("max_page_count", pages + 10_000)
        await database.insert("notes", {"n": 6})
        assert [note["n"] for note in await database.all("notes")] == [1, 6]


async def test_a_closed_engine_refuses_and_close_waits(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        writes = [asyncio.create_task(database.insert("notes", {"n": n})) for n in range(20)]
        await asyncio.sleep(0)
        await database.engine.close()
        assert all(isinstance(ids, list) for ids in await asyncio.gather(*writes))
        with pytest.raises(OverloadedError, match="not open"):
            await database.insert("notes", {"n": 1})
    assert number_of_documents(tmp_path / "app.db") == 20


@sqlite_only
async def test_a_cancelled_write_in_a_thread_undoes_nothing_else() -> None:
    connection = apsw.Connection(":memory:")
    connection.execute("CREATE TABLE t (n); BEGIN; INSERT INTO t VALUES (0)")
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    def insert() -> None:
        loop.call_soon_threadsafe(begun.set)
        connection.execute(
            "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 300000) "
            "INSERT INTO t SELECT n FROM c"
        )

    writing = asyncio.create_task(off_loop(connection, insert, writes=True))
    await begun.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert connection.in_transaction
    assert connection.execute("SELECT count(*) FROM t").fetchall() == [(300_001,)]
    connection.close()
