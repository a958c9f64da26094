"""What only PostgreSQL has: several processes that write at once, connections that are lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from convexity.database.engine import Commit
from convexity.database.writer import DatabaseWriter
from convexity.errors import DefinitionError, OverloadedError
from convexity.values import Id, v

from tests.database.by_hand import Database, deployed, make_schema, make_table
from tests.support.engines import IS_POSTGRES, postgres_url, run_sql

pytestmark = pytest.mark.skipif(not IS_POSTGRES, reason="about PostgreSQL")

COUNTERS = make_table("counters", v.object(name=v.string(), n=v.number()), {"by_name": ["name"]})


@asynccontextmanager
async def at(url: str, folder: Path) -> AsyncIterator[Database]:
    """The tables deployed at an address."""
    from convexity.database.postgres.engine import PostgresEngine

    engine = PostgresEngine(url, report=folder / "mismatches.txt")
    deployment = await engine.start(make_schema(COUNTERS))
    try:
        yield Database(engine, deployment)
    finally:
        await engine.close()


def disconnect(path: Path) -> None:
    """End all connections to the database of that path, as a restart of the server does."""
    name = postgres_url(path).rpartition("=")[2]
    run_sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 "
        "AND pid <> pg_backend_pid()",
        name,
    )


async def increment(database: Database, counter: Id[Any]) -> None:
    async def work(db: DatabaseWriter) -> None:
        document = await db.get(counter)
        assert document is not None
        await db.patch(counter, {"n": document["n"] + 1})

    await database.mutate(work)


async def test_no_increment_is_lost_among_processes(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    async with deployed(path, COUNTERS) as one, deployed(path, COUNTERS) as two:
        (counter,) = await one.insert("counters", {"name": "c", "n": 0})
        each = [increment(one, counter) for _ in range(20)]
        each += [increment(two, counter) for _ in range(20)]
        await asyncio.gather(*each)
        for database in (one, two):
            (document,) = await database.all("counters")
            assert document["n"] == 40


async def test_what_two_processes_find_missing_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "app.db"

    async def make(db: DatabaseWriter) -> bool:
        named = db.query("counters").with_index("by_name").eq("name", "only")
        if await named.first() is not None:
            return False
        await db.insert("counters", {"name": "only", "n": 0})
        return True

    async with deployed(path, COUNTERS) as one, deployed(path, COUNTERS) as two:
        made = await asyncio.gather(*(d.mutate(make) for d in (one, two, one, two)))
        assert sorted(made) == [False, False, False, True]
        assert len(await two.all("counters")) == 1


async def test_lost_connections_lose_and_repeat_nothing(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    async with deployed(path, COUNTERS) as database:
        acknowledged: list[float] = []

        async def insert(n: int) -> None:
            await database.insert("counters", {"name": f"{n}", "n": n})
            acknowledged.append(float(n))

        for round_number in range(4):
            numbers = range(25 * round_number, 25 * (round_number + 1))
            writes = [asyncio.create_task(insert(n)) for n in numbers]
            await asyncio.sleep(0.02 * round_number)
            await asyncio.to_thread(disconnect, path)
            await asyncio.gather(*writes)
        documents = await database.all("counters")
        assert sorted(document["n"] for document in documents) == sorted(acknowledged)
        assert len(acknowledged) == 100


async def test_listeners_learn_of_commits_over_a_lost_connection(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    async with deployed(path, COUNTERS) as one, deployed(path, COUNTERS) as two:
        told: list[Commit] = []
        two.engine.on_commit(told.append)
        await one.insert("counters", {"name": "a", "n": 1})
        await two.engine.settle()
        await asyncio.to_thread(disconnect, path)
        await one.insert("counters", {"name": "b", "n": 2})
        async with asyncio.timeout(60):
            while len(told) < 2:  # noqa: ASYNC110 - it is told in the background
                await asyncio.sleep(0.01)
        assert all(commit.is_complete for commit in told)
        assert two.engine.frontier == one.engine.frontier


async def test_the_log_is_polled_where_nothing_is_notified(tmp_path: Path) -> None:
    url = postgres_url(tmp_path / "app.db")
    async with at(url, tmp_path) as one, at(f"{url}&listen=false", tmp_path) as two:
        told = asyncio.Event()
        two.engine.on_commit(lambda _: told.set())
        await one.insert("counters", {"name": "a", "n": 1})
        async with asyncio.timeout(60):
            await told.wait()


async def test_a_lock_passes_on_when_its_holder_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    async with deployed(path, COUNTERS) as one, deployed(path, COUNTERS) as two:
        held, waiting = one.engine.lock("work"), two.engine.lock("work")
        lost = asyncio.Event()
        await held.acquire(lost.set)
        taking = asyncio.create_task(waiting.acquire())
        await asyncio.to_thread(disconnect, path)
        async with asyncio.timeout(60):
            await lost.wait()
            assert not held.is_held
            await taking
        assert waiting.is_held
        waiting.release()


@pytest.mark.parametrize(
    ("url", "error", "says"),
    [
        ("postgresql://u:secret@127.0.0.1:1/app", OverloadedError, "cannot be reached"),
        ("postgresql://u:secret@host.invalid/app", OverloadedError, "cannot be reached"),
        ("{socket}/nothing?host={host}", DefinitionError, "CREATE DATABASE"),
        ("{socket}/postgres?host={host}&search_path=nowhere", DefinitionError, "CREATE SCHEMA"),
        ("{nobody}/postgres?host={host}", DefinitionError, "refuses the user"),
        ("{socket}/postgres?host={host}&pool_sise=4", DefinitionError, "one of pool_size, "),
    ],
)
async def test_a_server_that_cannot_be_used(
    tmp_path: Path, url: str, error: type[Exception], says: str
) -> None:
    host = postgres_url(tmp_path / "app.db").partition("host=")[2].partition("&")[0]
    url = url.format(
        host=host, socket="postgresql://postgres@", nobody="postgresql://nobody:secret@"
    )
    with pytest.raises(error, match=says) as caught:
        async with at(url, tmp_path):
            pass
    assert "secret" not in str(caught.value)


async def test_readers_that_are_cancelled_do_not_keep_the_engine_from_closing(
    tmp_path: Path,
) -> None:
    async with deployed(tmp_path / "app.db", COUNTERS) as database:
        await database.insert("counters", {"name": "c", "n": 0})

        async def read() -> None:
            while True:
                async with database.engine.snapshot() as snapshot:
                    await snapshot.count(database.catalog.table("counters").table)

        for pause in range(20):
            readers = [asyncio.create_task(read()) for _ in range(20)]
            for _ in range(pause * 7):
                await asyncio.sleep(0)
            for reader in readers:
                reader.cancel()
            await asyncio.gather(*readers, return_exceptions=True)
        async with asyncio.timeout(60):
            await database.engine.close()
