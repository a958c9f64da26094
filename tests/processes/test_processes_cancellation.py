"""Actions in worker processes that are cancelled: by their deadline, by their caller."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from convexity.auth.identity import ANONYMOUS
from convexity.functions.registration import action, mutation, query
from convexity.functions.settings import FunctionSettings
from convexity.processes.pool import WorkerPool
from convexity.values import v
from convexity.values.validators import integral_number

from tests.functions.harness import Deployment, compiled, deployed


class Jobs:
    """The declarations of the built backend, whose handlers run in its workers."""

    @action(args={"until": v.string()}, returns=v.null(), runtime="process")
    async def block(ctx: Any, until: str) -> None: ...

    @action(args={"done": v.string()}, returns=v.null(), runtime="process")
    async def wait(ctx: Any, done: str) -> None: ...

    @action(args={"n": integral_number()}, returns=v.number(), runtime="process")
    async def double(ctx: Any, n: int) -> None: ...


class Notes:
    @mutation(args={"text": v.string(), "size": v.any()}, returns=v.id("notes"))
    async def add(ctx: Any, text: str, size: int) -> Any:
        return await ctx.db.insert("notes", {"text": text})

    @query(args={}, returns=v.array(v.string()))
    async def texts(ctx: Any) -> list[str]:
        return [note["text"] async for note in ctx.db.query("notes")]


FUNCTIONS = [
    *(compiled("jobs", function) for function in (Jobs.block, Jobs.wait, Jobs.double)),
    *(compiled("notes", function) for function in (Notes.add, Notes.texts)),
]


@pytest.fixture
async def pool(dist: Path, tmp_path: Path) -> AsyncIterator[WorkerPool]:
    """One worker, which has started."""
    pool = WorkerPool(dist, 1)
    async with deployed(tmp_path / "before", FUNCTIONS, processes=pool) as deployment:
        assert await deployment.value("jobs:double", n=1) == 2
    yield pool
    await pool.close()


async def begun(deployment: Deployment, text: str) -> None:
    while text not in await deployment.value("notes:texts"):  # noqa: ASYNC110 - of a process
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("job", ["block", "wait"])
async def test_a_deadline_ends_an_action(pool: WorkerPool, tmp_path: Path, job: str) -> None:
    settings = FunctionSettings(process_action_time=2.0)
    async with deployed(tmp_path, FUNCTIONS, settings=settings, processes=pool) as deployment:
        arguments = {"until": "/nowhere"} if job == "block" else {"done": str(tmp_path / "done")}
        message = await deployment.error(f"jobs:{job}", **arguments)
        assert message == (f"jobs.js:{job}: Function execution timed out (maximum duration: 2s)")
        assert (tmp_path / "done").exists() is (job == "wait"), "one that waits can clean up"
    async with deployed(tmp_path, FUNCTIONS, processes=pool) as deployment:
        assert await deployment.value("jobs:double", n=2) == 4


async def test_a_caller_that_goes_takes_its_action_along(pool: WorkerPool, tmp_path: Path) -> None:
    async with deployed(tmp_path, FUNCTIONS, processes=pool) as deployment:
        run = deployment.runner.run("jobs:block", {"until": "/nowhere"}, identity=ANONYMOUS)
        task = asyncio.create_task(run)
        await begun(deployment, "blocking")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await deployment.value("jobs:double", n=2) == 4, "its place is free"
        assert await deployment.value("notes:texts") == ["blocking"]


async def test_closing_ends_what_runs(pool: WorkerPool, tmp_path: Path) -> None:
    async with deployed(tmp_path, FUNCTIONS, processes=pool) as deployment:
        task = asyncio.create_task(deployment.error("jobs:block", until="/nowhere"))
        await begun(deployment, "blocking")
        await pool.close()
        assert "it was killed by SIGKILL" in await task
