"""Cron jobs: when they run, and what they do not do."""

from __future__ import annotations

import asyncio
import inspect
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from convexity.admin.cron_jobs import FUNCTIONS
from convexity.admin.system_functions import Deployed
from convexity.auth.identity import Identity
from convexity.errors import ArgumentValidationError, FunctionKindError, FunctionNotFoundError
from convexity.functions.registration import (
    RegisteredFunction,
    internal_action,
    internal_mutation,
    query,
)
from convexity.server import cron_jobs
from convexity.values import from_millis, v

from tests.functions.harness import SCHEMA, api, compiled
from tests.scheduler.test_scheduler_service import (
    Functions,
    MovableClock,
    Scheduling,
    scheduling,
)

START = datetime(2026, 5, 1, tzinfo=UTC)
"""A Friday."""


class Jobs(Functions):
    @query(args={}, returns=v.array(v.any()))
    async def jobs(ctx: Any) -> Any:
        return await ctx.db.system.query("_cron_jobs").collect()

    @internal_mutation(args={}, returns=v.null())
    async def tick(ctx: Any) -> None:
        await ctx.db.insert("notes", {"text": ctx.now().isoformat()})

    @internal_action(args={}, returns=v.null())
    async def wait(ctx: Any) -> None:
        await Jobs.released.wait()

    @internal_mutation(args={"length": v.number()}, returns=v.string())
    async def answer(ctx: Any, length: float) -> str:
        return "x" * int(length)

    released: Any = None


def every(seconds: float, function: str = "add", **args: Any) -> Any:
    crons = cron_jobs()
    crons.interval("job", timedelta(seconds=seconds), getattr(api.m, function), **args)
    return crons


def matching(expression: str) -> Any:
    crons = cron_jobs()
    crons.cron("job", expression, api.m.tick)
    return crons


async def move(running: Scheduling, clock: MovableClock, time: datetime) -> None:
    """Let the service notice that it is later, and wait until it has nothing to do."""
    clock.now = time
    running.service.wake()
    await running.until_idle()


async def job_of(running: Scheduling) -> dict[str, Any]:
    (job,) = await running.deployment.value("m:jobs")
    return dict(job)


async def test_an_interval_begins_at_deployment_and_keeps_its_distance(tmp_path: Path) -> None:
    clock = MovableClock()
    async with scheduling(tmp_path, Jobs, clock=clock, jobs=every(60, text="a")) as running:
        await running.until_idle()
        assert await running.texts() == ["a"]
        await move(running, clock, START + timedelta(seconds=59))
        assert await running.texts() == ["a"]
        await move(running, clock, START + timedelta(seconds=61))
        assert await running.texts() == ["a", "a"]
        job = await job_of(running)
        assert from_millis(job["nextTime"]) == START + timedelta(seconds=120)
        assert from_millis(job["lastRun"]["time"]) == START + timedelta(seconds=61)


@pytest.mark.parametrize(
    ("expression", "times"),
    [
        ("30 6 * * *", ["2026-05-01T06:30", "2026-05-02T06:30"]),
        ("0 16 * * 1", ["2026-05-04T16:00", "2026-05-11T16:00"]),
        ("*/20 * * * *", ["2026-05-01T00:20", "2026-05-01T00:40"]),
        ("0 0 29 2 *", ["2028-02-29T00:00", "2032-02-29T00:00"]),
    ],
)
async def test_an_expression_matches_in_utc(
    tmp_path: Path, expression: str, times: list[str]
) -> None:
    clock = MovableClock()
    async with scheduling(tmp_path, Jobs, clock=clock, jobs=matching(expression)) as running:
        await running.until_idle()
        assert await running.texts() == []
        for time in times:
            due = datetime.fromisoformat(time).replace(tzinfo=UTC)
            await move(running, clock, due - timedelta(seconds=1))
            assert due.isoformat() not in await running.texts()
            await move(running, clock, due)
            assert (await running.texts())[-1] == due.isoformat()
        assert len(await running.texts()) == len(times)


async def test_times_that_passed_are_made_up_for_once(tmp_path: Path) -> None:
    clock = MovableClock()
    jobs = every(60, "tick")
    async with scheduling(tmp_path, Jobs, clock=clock, jobs=jobs) as running:
        await running.until_idle()
    clock.now = START + timedelta(minutes=10, seconds=5)
    async with scheduling(tmp_path, Jobs, clock=clock, jobs=jobs) as running:
        await running.until_idle()
        assert len(await running.texts()) == 2
        job = await job_of(running)
        assert from_millis(job["nextTime"]) == START + timedelta(minutes=11)


async def test_a_restart_does_not_run_a_job_again(tmp_path: Path) -> None:
    clock = MovableClock()
    for _ in range(3):
        async with scheduling(tmp_path, Jobs, clock=clock, jobs=every(60, text="a")) as running:
            await running.until_idle()
            assert await running.texts() == ["a"]


async def test_a_job_whose_last_run_has_not_ended_is_skipped(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Jobs.released = asyncio.Event()
    clock = MovableClock()
    async with scheduling(tmp_path, Jobs, clock=clock, jobs=every(60, "wait")) as running:
        await running.until(lambda rows: [row["state"]["kind"] for row in rows] == ["inProgress"])
        clock.now = START + timedelta(seconds=60)
        running.service.wake()
        await running.until(lambda rows: "is skipped" in caplog.text)
        assert len(await running.rows()) == 1
        assert "Cron job job is skipped: its last run has not ended" in caplog.text
        Jobs.released.set()
        await running.settled()
        await move(running, clock, START + timedelta(seconds=120))
        assert len(await running.rows()) == 2


async def test_deployments_add_change_and_remove_jobs(tmp_path: Path) -> None:
    clock = MovableClock()
    async with scheduling(tmp_path, Jobs, clock=clock, jobs=every(3600, text="a")) as running:
        await running.until_idle()
        before = await job_of(running)
    clock.now += timedelta(minutes=1)
    async with scheduling(tmp_path, Jobs, clock=clock, jobs=every(3600, text="a")) as running:
        await running.until_idle()
        assert await job_of(running) == before
    async with scheduling(tmp_path, Jobs, clock=clock, jobs=every(3600, text="b")) as running:
        await running.until(lambda rows: len(rows) == 2)
        await running.until_idle()
        assert await running.texts() == ["a", "b"]
        assert (await job_of(running))["_id"] == before["_id"]
    async with scheduling(tmp_path, Jobs, clock=clock) as running:
        await running.until_idle()
        assert await running.deployment.value("m:jobs") == []


async def test_jobs_are_checked_against_their_functions(tmp_path: Path) -> None:
    for jobs, error in (
        (every(60, "missing"), FunctionNotFoundError),
        (every(60, "texts"), FunctionKindError),
        (every(60, "add", text=1), ArgumentValidationError),
    ):
        with pytest.raises(error):
            async with scheduling(tmp_path, Jobs, jobs=jobs):
                pass


@pytest.mark.parametrize(
    ("length", "result"),
    [
        (998, {"type": "default", "value": "x" * 998}),
        (999, {"type": "truncated", "truncated": '"' + "x" * 999}),
    ],
)
async def test_a_result_is_shown_as_truncated_if_it_is(
    tmp_path: Path, length: int, result: dict[str, str]
) -> None:
    told = Deployed(
        functions=(),
        routes=(),
        schema=SCHEMA,
        has_schema=True,
        components={},
        cloud_url="",
        site_url="",
    )
    functions = [
        *(
            compiled("m", value)
            for _, value in inspect.getmembers_static(Jobs)
            if isinstance(value, RegisteredFunction)
        ),
        *FUNCTIONS.bound(told).values(),
    ]
    jobs = every(60, "answer", length=float(length))
    async with scheduling(tmp_path, functions, clock=MovableClock(), jobs=jobs) as running:
        await running.until_idle()
        answer = await running.deployment.run(
            "_system/frontend/listCronJobs:default", identity=Identity(kind="admin")
        )
    (shown,) = answer.value
    assert shown["lastRun"]["status"] == {"type": "success", "result": result}
