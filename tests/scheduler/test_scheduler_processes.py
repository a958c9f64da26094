"""Several processes on one database, each with an engine and a scheduler of its own."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from convexity.errors import SupersededError
from convexity.functions.registration import internal_mutation, mutation, query
from convexity.scheduler.service import SchedulerService
from convexity.values import v

from tests.functions.harness import Deployment, api, deployed
from tests.support.engines import IS_POSTGRES, run_sql


class Functions:
    @internal_mutation(args={}, returns=v.null())
    async def work(ctx: Any) -> None:
        await ctx.db.insert("notes", {"text": "worked"})

    @mutation(args={}, returns=v.null())
    async def schedule(ctx: Any) -> None:
        await ctx.scheduler.run_after(0, api.m.work)

    @query(args={}, returns=v.number())
    async def worked(ctx: Any) -> int:
        return len(await ctx.db.query("notes").collect())


def service_of(deployment: Deployment) -> SchedulerService:
    return SchedulerService(deployment.runner.calls, deployment.engine.claims("scheduler"))


async def until_worked(deployment: Deployment, times: int) -> None:
    """Wait until the engine of this process committed the scheduled work."""
    committed = asyncio.Event()
    remove = deployment.engine.on_commit(lambda _commit: committed.set())
    async with asyncio.timeout(60):
        while True:
            committed.clear()
            if await deployment.value("m:worked") >= times:
                break
            await committed.wait()
    remove()
    assert await deployment.value("m:worked") == times


async def test_what_another_process_schedules_is_run(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as first, deployed(tmp_path, Functions) as second:
        service = service_of(first)
        service.start()
        await second.value("m:schedule")
        await until_worked(first, 1)
        await service.stop()


async def test_a_standby_takes_over(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as first, deployed(tmp_path, Functions) as second:
        active, standby = service_of(first), service_of(second)
        active.start()
        await first.value("m:schedule")
        await until_worked(first, 1)
        standby.start()
        await active.stop()
        await first.value("m:schedule")
        await until_worked(second, 2)
        await standby.stop()


async def test_a_standby_that_never_served_stops(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as first, deployed(tmp_path, Functions) as second:
        active, standby = service_of(first), service_of(second)
        active.start()
        await first.value("m:schedule")
        await until_worked(first, 1)
        standby.start()
        await asyncio.sleep(0)
        await standby.stop()
        await first.value("m:schedule")
        await until_worked(first, 2)
        await active.stop()


@pytest.mark.skipif(not IS_POSTGRES, reason="SQLite has no processes of different versions")
async def test_a_process_of_an_older_schema_leaves_scheduled_functions_to_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    deploy = "UPDATE _convexity_meta SET value = $1 WHERE key = 'schema_digest'"
    known = "SELECT value FROM _convexity_meta WHERE key = 'schema_digest'"
    path = tmp_path / "app.db"
    async with deployed(tmp_path, Functions) as first, deployed(tmp_path, Functions) as second:
        old, new = service_of(first), service_of(second)
        await first.value("m:schedule")
        digest = run_sql(known, path=path)[0][0]
        run_sql(deploy, "another", path=path)
        old.start()
        async with asyncio.timeout(60):
            while not first.engine.is_superseded:  # noqa: ASYNC110 - it is found in the background
                await asyncio.sleep(0.01)
        with pytest.raises(SupersededError):
            await first.value("m:schedule")
        run_sql(deploy, digest, path=path)
        new.start()
        await until_worked(second, 1)
        await new.stop()
        await old.stop()
    assert caplog.text.count("No scheduled function is run here any more") == 1
