"""One of several processes that run what is scheduled; see test_scheduler_sharing.

Usage: ``sharing_worker FOLDER`` prints ``ready``, and ends when its input does. With ``stalling``
after that, each mutation that it runs prints ``stalled`` and never ends.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from convexity.functions.registration import internal_action, internal_mutation, mutation, query
from convexity.functions.settings import FunctionSettings
from convexity.scheduler.service import SchedulerService
from convexity.values import v

from tests.functions.harness import api, deployed

SLOTS = 2
"""Functions that a process runs at once."""

PATIENT = FunctionSettings(transaction_time=600)

KEY = {"key": v.string()}


class Functions:
    is_stalling = False

    @internal_mutation(args=KEY, returns=v.null())
    async def work(ctx: Any, key: str) -> None:
        if Functions.is_stalling:
            os.write(1, b"stalled\n")  # What it prints is a line of its log.
            await asyncio.Event().wait()
        await ctx.db.insert("notes", {"text": key})

    @internal_mutation(args=KEY, returns=v.null())
    async def tell(ctx: Any, key: str) -> None:
        await ctx.db.insert("notes", {"text": key})

    @internal_action(args=KEY, returns=v.null())
    async def hold(ctx: Any, key: str) -> None:
        await ctx.run_mutation(api.m.note, key=key, process=float(os.getpid()))
        await asyncio.Event().wait()

    @internal_mutation(args={**KEY, "process": v.number()}, returns=v.null())
    async def note(ctx: Any, key: str, process: float) -> None:
        await ctx.db.insert("notes", {"text": f"{key} in {int(process)}"})

    @mutation(args={"name": v.string(), "keys": v.array(v.string())}, returns=v.null())
    async def schedule(ctx: Any, name: str, keys: list[str]) -> None:
        for key in keys:
            await ctx.scheduler.run_after(0, getattr(api.m, name), key=key)

    @query(args={}, returns=v.array(v.string()))
    async def pending(ctx: Any) -> Any:
        return [row["_id"] async for row in ctx.db.system.query("_scheduled_functions")]

    @query(args={}, returns=v.any())
    async def outcome(ctx: Any) -> Any:
        rows = await ctx.db.system.query("_scheduled_functions").collect()
        return {
            "states": {row["args"][0]["key"]: row["state"] for row in rows},
            "texts": [note["text"] async for note in ctx.db.query("notes")],
        }


async def main(folder: str, manner: str = "") -> None:
    Functions.is_stalling = manner == "stalling"
    async with deployed(Path(folder), Functions, settings=PATIENT) as deployment:
        claims = deployment.engine.claims("scheduler")
        service = SchedulerService(deployment.runner.calls, claims, parallelism=SLOTS)
        service.start()
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.read)
        await service.stop(grace=0)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
