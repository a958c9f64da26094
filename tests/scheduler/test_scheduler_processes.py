"""Several processes on one database, each with an engine and a scheduler of its own."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from convexity.database.engine import WriteTransaction
from convexity.database.transaction import Transaction
from convexity.errors import ClaimLostError, ConvexityError, SupersededError
from convexity.functions.registration import internal_action, internal_mutation, mutation, query
from convexity.functions.settings import FunctionSettings
from convexity.scheduler.cron_jobs import deployed_jobs
from convexity.scheduler.rows import fail_interrupted
from convexity.scheduler.service import SchedulerService
from convexity.server import cron_jobs
from convexity.values import to_millis, v

from tests.functions.harness import Deployment, api, deployed
from tests.scheduler.test_scheduler_service import MovableClock
from tests.support.engines import IS_POSTGRES, run_sql

postgres_only = pytest.mark.skipif(not IS_POSTGRES, reason="on SQLite one process runs all")


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

    @query(args={}, returns=v.array(v.any()))
    async def rows(ctx: Any) -> Any:
        return await ctx.db.system.query("_scheduled_functions").collect()


def service_of(deployment: Deployment, **options: Any) -> SchedulerService:
    claims = deployment.engine.claims("scheduler")
    return SchedulerService(deployment.runner.calls, claims, **options)


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


async def test_a_cron_job_is_run_once_by_several_processes(tmp_path: Path) -> None:
    clock = MovableClock()
    crons = cron_jobs()
    crons.interval("job", timedelta(seconds=60), api.m.work)
    settings = FunctionSettings(clock=clock)
    async with AsyncExitStack() as stack:
        deployments = [
            await stack.enter_async_context(deployed(tmp_path, Functions, settings=settings))
            for _ in range(3)
        ]
        services = []
        for deployment in deployments:
            application = deployment.runner.calls.components.application
            jobs = {application: deployed_jobs(crons.jobs, application, deployment.runner.calls)}
            services.append(service_of(deployment, jobs=jobs))
            services[-1].start()
        for runs in range(1, 6):
            await until_worked(deployments[0], runs)
            clock.now += timedelta(seconds=60)
            for service in services:
                service.wake()
        await until_worked(deployments[0], 6)
        rows = await deployments[0].value("m:rows")
        await asyncio.gather(*(service.stop() for service in services))
    start = to_millis(MovableClock().now)
    assert [row["scheduledTime"] - start for row in rows] == [60_000 * n for n in range(6)]


class Stubborn(Functions):
    """An action that neither ends nor lets itself be cancelled before it is told to."""

    begun: asyncio.Event
    cancelled: asyncio.Event
    released: asyncio.Event
    errors: list[Exception]

    @internal_action(args={}, returns=v.null())
    async def hold(ctx: Any) -> None:
        Stubborn.begun.set()
        try:
            await Stubborn.released.wait()
        except asyncio.CancelledError:
            Stubborn.cancelled.set()
            await Stubborn.released.wait()
        for attempt in (
            lambda: ctx.run_mutation(api.m.work),
            lambda: ctx.scheduler.run_after(0, api.m.work),
            lambda: ctx.storage.store(b"late"),
        ):
            try:
                await attempt()
            except ConvexityError as error:
                Stubborn.errors.append(error)

    @mutation(args={}, returns=v.id("_scheduled_functions"))
    async def schedule_hold(ctx: Any) -> Any:
        return await ctx.scheduler.run_after(0, api.m.hold)

    @classmethod
    def reset(cls) -> None:
        cls.begun, cls.cancelled, cls.released = asyncio.Event(), asyncio.Event(), asyncio.Event()
        cls.errors = []


async def end_sessions(path: Path) -> None:
    """End the connections that hold claims, as a failing network does."""
    run_sql(
        "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid) "
        "WHERE locktype = 'advisory' AND application_name = current_setting('application_name')",
        path=path,
    )


async def state_of(deployment: Deployment, document_id: str) -> dict[str, str]:
    rows = await deployment.value("m:rows")
    return next(dict(row["state"]) for row in rows if row["_id"] == document_id)


async def test_a_process_that_stops_keeps_its_action_until_it_ends(tmp_path: Path) -> None:
    Stubborn.reset()
    async with deployed(tmp_path, Stubborn) as first, deployed(tmp_path, Stubborn) as second:
        stopping, other = service_of(first), service_of(second)
        stopping.start()
        document_id = await first.value("m:schedule_hold")
        await Stubborn.begun.wait()
        stopping.begin_stop()
        other.start()
        await first.value("m:schedule")
        if IS_POSTGRES:
            await until_worked(second, 1)
        Stubborn.released.set()
        await stopping.stop()
        await until_worked(second, 3)
        await other.stop()
        assert await state_of(first, document_id) == {"kind": "success"}


@postgres_only
async def test_an_action_goes_on_where_nobody_took_it_over(tmp_path: Path) -> None:
    Stubborn.reset()
    async with deployed(tmp_path, Stubborn) as deployment:
        service = service_of(deployment)
        service.start()
        document_id = await deployment.value("m:schedule_hold")
        await Stubborn.begun.wait()
        await end_sessions(tmp_path / "app.db")
        Stubborn.released.set()
        await until_worked(deployment, 2)
        await service.stop()
        assert not Stubborn.cancelled.is_set()
        assert Stubborn.errors == []
        assert await state_of(deployment, document_id) == {"kind": "success"}


@postgres_only
async def test_an_action_that_was_taken_for_dead_can_write_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Stubborn.reset()
    async with deployed(tmp_path, Stubborn) as first, deployed(tmp_path, Stubborn) as second:
        service = service_of(first)
        service.start()
        document_id = await first.value("m:schedule_hold")
        await Stubborn.begun.wait()
        catalog = second.runner.calls.components.application.database

        async def take_over(store: WriteTransaction) -> None:
            await fail_interrupted(Transaction(store, catalog), [document_id], datetime.now(UTC))

        await second.engine.write(take_over)
        await end_sessions(tmp_path / "app.db")
        async with asyncio.timeout(60):
            await Stubborn.cancelled.wait()
        assert "another process has marked it as failed" in caplog.text
        Stubborn.released.set()
        await service.stop()
        assert [type(error) for error in Stubborn.errors] == [ClaimLostError] * 3
        assert await second.value("m:worked") == 0
        assert (await state_of(second, document_id))["kind"] == "failed"
