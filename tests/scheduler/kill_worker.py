"""A process that schedules and runs functions until it is killed; see test_scheduler_kill.

Usage: ``kill_worker FOLDER ROUND`` records keys for ever and prints each that is durable;
``kill_worker FOLDER`` finishes what is scheduled and prints all texts as JSON.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from pathlib import Path
from typing import Any

from convexity.functions.registration import internal_action, internal_mutation, mutation, query
from convexity.scheduler.service import SchedulerService
from convexity.values import v

from tests.functions.harness import Deployment, api, deployed

KEY = {"key": v.string()}


class Functions:
    @mutation(args=KEY, returns=v.null())
    async def record(ctx: Any, key: str) -> None:
        await ctx.db.insert("notes", {"text": f"recorded {key}"})
        await ctx.scheduler.run_after(0, api.m.settle, key=key)
        await ctx.scheduler.run_after(0, api.m.announce, key=key)

    @internal_mutation(args=KEY, returns=v.null())
    async def settle(ctx: Any, key: str) -> None:
        await ctx.db.insert("notes", {"text": f"settled {key}"})

    @internal_action(args=KEY, returns=v.null())
    async def announce(ctx: Any, key: str) -> None:
        await ctx.run_mutation(api.m.note, key=key)

    @internal_mutation(args=KEY, returns=v.null())
    async def note(ctx: Any, key: str) -> None:
        await ctx.db.insert("notes", {"text": f"announced {key}"})

    @query(args={}, returns=v.any())
    async def outcome(ctx: Any) -> Any:
        rows = await ctx.db.system.query("_scheduled_functions").collect()
        notes = await ctx.db.query("notes").collect()
        return {
            "texts": [note["text"] for note in notes],
            "states": [[row["name"], row["args"][0]["key"], row["state"]["kind"]] for row in rows],
        }


async def record_for_ever(deployment: Deployment, round_number: str) -> None:
    for number in itertools.count():
        key = f"{round_number}-{number}"
        await deployment.value("m:record", key=key)
        print(key, flush=True)


async def settle(deployment: Deployment) -> None:
    changed = asyncio.Event()
    deployment.engine.on_commit(lambda _commit: changed.set())
    while True:
        changed.clear()
        outcome = await deployment.value("m:outcome")
        if all(kind not in ("pending", "inProgress") for _, _, kind in outcome["states"]):
            print(json.dumps(outcome))
            return
        await changed.wait()


async def main(folder: str, round_number: str | None = None) -> None:
    async with deployed(Path(folder), Functions) as deployment:
        service = SchedulerService(deployment.runner.calls, deployment.engine.claims("scheduler"))
        service.start()
        if round_number is None:
            await settle(deployment)
            await service.stop()
        else:
            await record_for_ever(deployment, round_number)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
