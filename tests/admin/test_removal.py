"""Deleting rows of the runtime's own for good."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from convexity.admin.removal import delete_scheduled_functions
from convexity.functions.registration import internal_mutation, mutation, query
from convexity.values import v
from convexity.values.limits import MAX_BYTES_READ

from tests.functions.harness import api, deployed

LENGTH = 900_000


class Functions:
    @internal_mutation(args={"text": v.string()}, returns=v.null())
    async def work(ctx: Any, text: str) -> None:
        pass

    @mutation(args={"times": v.number()}, returns=v.null())
    async def schedule(ctx: Any, times: float) -> None:
        for _ in range(int(times)):
            await ctx.scheduler.run_after(timedelta(hours=1), api.m.work, text="x" * LENGTH)

    @query(args={}, returns=v.boolean())
    async def is_any_left(ctx: Any) -> bool:
        return await ctx.db.system.query("_scheduled_functions").first() is not None


async def test_scheduled_functions_are_deleted_however_large(tmp_path: Path) -> None:
    count = MAX_BYTES_READ // LENGTH + 2
    async with deployed(tmp_path, Functions) as deployment:
        await deployment.value("m:schedule", times=count / 2 // 1)
        await deployment.value("m:schedule", times=count - count / 2 // 1)
        calls = deployment.runner.calls
        application = calls.components.application
        assert await delete_scheduled_functions(calls, application) == count
        assert not await deployment.value("m:is_any_left")
