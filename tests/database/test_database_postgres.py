"""What only PostgreSQL has: several processes that write at once, connections that are lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import pytest
from convexity.database.engine import Commit
from convexity.database.postgres import connection
from convexity.database.postgres.connection import lock_key
from convexity.database.tables import Table
from convexity.database.writer import DatabaseWriter
from convexity.errors import DefinitionError, OverloadedError
from convexity.values import Id, v

from tests.database.by_hand import Database, deployed, make_schema, make_table
from tests.support.engines import (
    IS_POSTGRES,
    changed_url,
    postgres_url,
    run_sql,
    sql_at,
    sql_schema,
)

pytestmark = pytest.mark.skipif(not IS_POSTGRES, reason="about PostgreSQL")

COUNTERS = make_table("counters", v.object(name=v.string(), n=v.number()), {"by_name": ["name"]})


PAGES = make_table("pages", v.object(v=v.array(v.number())), vectors={"by_v": ("v", 2, [])})


@asynccontextmanager
async def at(url: str, folder: Path, table: Table = COUNTERS) -> AsyncIterator[Database]:
    """A table deployed at an address."""
    from convexity.database.postgres.engine import PostgresEngine

    engine = PostgresEngine(url, report=folder / "mismatches.txt")
    deployment = await engine.start(make_schema(table))
    try:
        yield Database(engine, deployment)
    finally:
        await engine.close()


def disconnect(path: Path) -> None:
    """End all connections to the database of that path, as a restart of the server does."""
    run_sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 "
        "AND pid <> pg_backend_pid()",
        sql_schema(path),
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


async def test_another_processs_commit_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "app.db"
    key = lock_key(sql_schema(path), "commit")
    monkeypatch.setitem(connection._SETTINGS, "lock_timeout", "1s")
    async with deployed(path, COUNTERS) as database:
        await database.insert("counters", {"name": "a", "n": 1})
        other = await asyncpg.connect(postgres_url(path))
        await other.execute("SELECT pg_advisory_lock($1)", key)
        with pytest.raises(OverloadedError, match="another process has locked the database"):
            await database.insert("counters", {"name": "b", "n": 2})
        assert len(await database.all("counters")) == 1
        waiting = asyncio.create_task(database.insert("counters", {"name": "c", "n": 3}))
        await other.execute("SELECT pg_advisory_unlock($1)", key)
        await waiting
        await other.close()
        assert [document["name"] for document in await database.all("counters")] == ["a", "c"]


@pytest.mark.parametrize(
    ("url", "error", "says"),
    [
        ("postgresql://u:secret@127.0.0.1:1/app", OverloadedError, "cannot be reached"),
        ("postgresql://u:secret@host.invalid/app", OverloadedError, "cannot be reached"),
    ],
)
async def test_a_server_that_cannot_be_reached(
    tmp_path: Path, url: str, error: type[Exception], says: str
) -> None:
    await refuses(url, tmp_path, error, says)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": "nothing"}, "CREATE DATABASE"),
        ({"search_path": "nowhere"}, "CREATE SCHEMA"),
        ({"user": "nobody:secret"}, "refuses the user"),
        ({"pool_sise": "4"}, "one of pool_size, "),
    ],
)
async def test_a_server_that_cannot_be_used(
    tmp_path: Path, changes: dict[str, str], says: str
) -> None:
    url = changed_url(postgres_url(tmp_path / "app.db"), **changes)
    await refuses(url, tmp_path, DefinitionError, says)


async def test_vectors_need_pgvector(tmp_path: Path) -> None:
    with a_database_of_a_plain_user(tmp_path) as url:
        await refuses(url, tmp_path, DefinitionError, "Install it on the server", PAGES)
        async with at(url, tmp_path) as database:
            await database.insert("counters", {"name": "c", "n": 0})


async def test_pgvector_is_not_looked_for_everywhere(tmp_path: Path) -> None:
    if not run_sql("SELECT 1 FROM pg_extension WHERE extname = 'vector'"):
        pytest.skip("the server has no pgvector")
    path = tmp_path / "app.db"
    url = changed_url(postgres_url(path), search_path=sql_schema(path))
    await refuses(url, tmp_path, DefinitionError, "search_path=app,public", PAGES)


@contextmanager
def a_database_of_a_plain_user(folder: Path) -> Iterator[str]:
    """The address of a new database, by which its user may create tables and nothing else."""
    name = sql_schema(folder)
    url = changed_url(postgres_url(folder / "app.db"), name=name, search_path="public")
    run_sql(f"CREATE ROLE {name} LOGIN PASSWORD 'secret'")
    run_sql(f"CREATE DATABASE {name}")
    try:
        sql_at(url, f"GRANT ALL ON SCHEMA public TO {name}")
        yield changed_url(url, user=f"{name}:secret")
    finally:
        run_sql(f"DROP DATABASE {name} WITH (FORCE)")
        run_sql(f"DROP ROLE {name}")


async def refuses(
    url: str, folder: Path, error: type[Exception], says: str, table: Table = COUNTERS
) -> None:
    """Check that a table cannot be deployed to an address, and that no password is told."""
    with pytest.raises(error, match=says) as caught:
        async with at(url, folder, table):
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
