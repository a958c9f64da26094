"""Several processes on one database file."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest
from convexity.functions.registration import mutation, query
from convexity.values import v

from tests.functions.harness import deployed
from tests.support.backends import Server, serve
from tests.support.engines import ENGINE, IS_POSTGRES
from tests.sync.sync_client import sync_client, to_ts


@pytest.fixture(scope="module")
def pair(
    live_dist: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Server]]:
    """Two processes that serve the same database."""
    database = f"sqlite:///{tmp_path_factory.mktemp('pair') / 'app.db'}"
    with (
        serve(live_dist, DATABASE_URL=database) as one,
        serve(live_dist, DATABASE_URL=database) as other,
    ):
        yield one, other


class Functions:
    @mutation(args={}, returns=v.null())
    async def add(ctx: Any) -> None:
        await ctx.db.insert("notes", {"text": "x"})

    @query(args={}, returns=v.number())
    async def count(ctx: Any) -> float:
        return float(len(await ctx.db.query("notes").collect()))


async def test_sockets_see_what_another_process_commits(
    pair: tuple[Server, Server], room: str
) -> None:
    one, other = pair
    async with sync_client(one.port) as writing, sync_client(other.port) as reading:
        await reading.at_query_set(await reading.add(0, "items:sum_of_all", room=room))
        for number in range(1, 6):
            response = await writing.call(
                "mutation", "items:put", room=room, key=f"{number}", owner="ada", rank=1.0
            )
            await reading.until(lambda number=number: reading.value(0) == number)
            assert reading.ts >= to_ts(response["ts"])
            # And the other way round, so that commits of both alternate.
            await writing.call("mutation", "items:drop", room=room, key="none")
    await check_reads_over_http(one, other, room)


async def check_reads_over_http(one: Server, other: Server, room: str) -> None:
    """What one process acknowledged, the other one answers at once."""
    body = {"path": "items:rank", "args": {"room": room, "key": "h"}}
    async with (
        httpx.AsyncClient(base_url=one.url) as writing,
        httpx.AsyncClient(base_url=other.url) as reading,
    ):
        for rank in range(30):
            args = {"room": room, "key": "h", "owner": "ada", "rank": float(rank)}
            await writing.post("/api/mutation", json={"path": "items:put", "args": args})
            answer = (await reading.post("/api/query", json=body)).json()
            assert answer["value"] == rank


async def test_a_client_that_changes_the_process_does_not_go_back_in_time(
    pair: tuple[Server, Server], room: str
) -> None:
    one, other = pair
    for _ in range(10):
        async with sync_client(one.port) as client:
            await client.call("mutation", "items:fill", room=room, count=1.0)
            await client.catch_up()
            observed = client.observed
        async with sync_client(other.port, greet=False) as client:
            await client.hello(observed=observed, count=1)
            await client.catch_up()
            assert client.ts >= observed


async def test_commits_that_were_deleted_from_the_log_are_noticed(
    tmp_path: Path, monkeypatch: Any
) -> None:
    commit_feed = import_module(f"convexity.database.{ENGINE}.commit_feed")
    if IS_POSTGRES:
        monkeypatch.setattr(commit_feed.CommitFeed, "start", lambda feed: None)
    else:
        monkeypatch.setattr(commit_feed, "WATCH_INTERVAL", 3600.0)
    monkeypatch.setattr(commit_feed, "TRIM_INTERVAL", 0.0)
    monkeypatch.setattr(commit_feed, "LOG_RETENTION", 0.0)
    async with deployed(tmp_path, Functions) as one, deployed(tmp_path, Functions) as other:
        told: list[Any] = []
        other.engine.on_commit(told.append)
        await one.value("m:add")
        await other.engine.settle()
        assert [commit.is_complete for commit in told] == [True]
        for _ in range(3):
            await one.value("m:add")
        await other.engine.settle()
        assert [commit.is_complete for commit in told[1:]] == [False]
        assert other.engine.frontier == one.engine.frontier
        await other.value("m:add")
        await one.engine.settle()


async def test_each_process_is_told_of_all_commits_in_order(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as one, deployed(tmp_path, Functions) as other:
        told: dict[str, list[int]] = {"one": [], "other": []}
        one.engine.on_commit(lambda commit: told["one"].append(commit.ts))
        other.engine.on_commit(lambda commit: told["other"].append(commit.ts))

        async def write(deployment: Any) -> None:
            for _ in range(20):
                await deployment.value("m:add")

        await asyncio.gather(write(one), write(other))
        await one.engine.settle()
        await other.engine.settle()
        for times in told.values():
            assert times == sorted(set(times))
            assert len(times) >= 20
        assert one.engine.frontier == other.engine.frontier
        assert await one.value("m:count") == 40
