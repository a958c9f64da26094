"""Claims: no two processes have the same one, and they end with who has them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from convexity.database.claims import Claims
from convexity.database.engine import Engine

from tests.functions.harness import SCHEMA
from tests.support.engines import IS_POSTGRES, engine_at, run_sql

NAMES = [f"row {number}" for number in range(6)]

postgres_only = pytest.mark.skipif(not IS_POSTGRES, reason="on SQLite one process claims all")


@pytest.fixture
async def engines(tmp_path: Path) -> AsyncIterator[tuple[Engine, Engine]]:
    """Two processes, as far as a database can tell."""
    async with AsyncExitStack() as stack:
        both = []
        for _ in range(2):
            engine = engine_at(tmp_path / "app.db")
            await engine.start(SCHEMA)
            stack.push_async_callback(engine.close)
            both.append(engine)
        yield both[0], both[1]


async def claims_of(engine: Engine, kind: str = "work") -> Claims:
    claims = engine.claims(kind)
    async with asyncio.timeout(60):
        await claims.acquire()
    return claims


async def until_claimed(claims: Claims, name: str) -> None:
    """Claim what somebody is about to give back."""
    async with asyncio.timeout(60):
        while not await claims.claim([name], 1):  # noqa: ASYNC110 - nobody tells others of it
            await asyncio.sleep(0.01)


async def test_the_first_names_are_claimed_and_stay_claimed(engines: tuple[Engine, Engine]) -> None:
    claims = await claims_of(engines[0])
    assert claims.is_held
    assert await claims.claim(NAMES, 2) == NAMES[:2]
    assert await claims.claim(NAMES[1:], 3) == NAMES[1:4]
    assert await claims.claim(NAMES[:2], 1) == NAMES[:1]
    claims.give_up()
    assert not claims.is_held
    assert await claims.claim(NAMES, 2) == []


async def test_who_gave_up_leaves_everything_to_others(engines: tuple[Engine, Engine]) -> None:
    first = await claims_of(engines[0])
    assert await first.claim(NAMES, 6) == NAMES
    first.give_up()
    second = await claims_of(engines[1])
    for name in NAMES:
        await until_claimed(second, name)


@postgres_only
async def test_processes_have_different_claims(engines: tuple[Engine, Engine]) -> None:
    first, second = [await claims_of(engine) for engine in engines]
    assert first.is_shared
    assert await first.claim(NAMES, 2) == NAMES[:2]
    assert await second.claim(NAMES, 3) == NAMES[2:5]
    assert await first.claim(NAMES, 6) == [*NAMES[:2], NAMES[5]]
    first.release([NAMES[0], NAMES[2]])
    await until_claimed(second, NAMES[0])
    assert await second.claim(NAMES, 6) == [NAMES[0], *NAMES[2:5]]


@postgres_only
async def test_other_kinds_have_claims_of_their_own(engines: tuple[Engine, Engine]) -> None:
    first, second = await claims_of(engines[0]), await claims_of(engines[1], "other work")
    assert await first.claim(NAMES, 6) == NAMES
    assert await second.claim(NAMES, 6) == NAMES


@postgres_only
async def test_claims_are_lost_with_the_connection(
    engines: tuple[Engine, Engine], tmp_path: Path
) -> None:
    lost = asyncio.Event()
    claims, other = engines[0].claims("work"), await claims_of(engines[1])
    await claims.acquire(lost.set)
    assert await claims.claim(NAMES, 6) == NAMES
    run_sql(
        "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid) "
        "WHERE locktype = 'advisory' AND application_name = current_setting('application_name')",
        path=tmp_path / "app.db",
    )
    async with asyncio.timeout(60):
        await lost.wait()
    assert not claims.is_held
    assert await claims.claim(NAMES, 6) == []
    # The server gives locks back a moment after it said that the connection ends.
    for name in NAMES[:2]:
        await until_claimed(other, name)
    async with asyncio.timeout(60):
        await claims.acquire(lost.set)
    assert await claims.claim(NAMES[:2], 2) == []
    await until_claimed(claims, NAMES[5])
