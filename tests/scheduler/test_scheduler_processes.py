"""Several processes on one database, each with an engine and a scheduler of its own."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from convexity.functions.registration import internal_mutation, mutation, query
from convexity.scheduler.service import SchedulerService
from convexity.values import v

from tests.functions.harness import Deployment, api, deployed


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
    return SchedulerService(deployment.runner.calls, deployment.engine.lock("scheduler"))


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
