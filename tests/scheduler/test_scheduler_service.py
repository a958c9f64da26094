"""The service that runs scheduled functions."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from convexity.database.process_lock import FileLock
from convexity.functions.registration import internal_action, internal_mutation, mutation, query
from convexity.functions.settings import FunctionSettings
from convexity.scheduler.cron_jobs import deployed_jobs
from convexity.scheduler.execution import Execution
from convexity.scheduler.service import SchedulerService
from convexity.server import Crons
from convexity.values import to_millis, v

from tests.functions.harness import Deployment, api, deployed

UNFINISHED = ("pending", "inProgress")


class Functions:
    @internal_mutation(args={"text": v.string()}, returns=v.null())
    async def add(ctx: Any, text: str) -> None:
        await ctx.db.insert("notes", {"text": text})

    @internal_mutation(args={"text": v.string()}, returns=v.null())
    async def add_then_fail(ctx: Any, text: str) -> None:
        await ctx.db.insert("notes", {"text": text})
        print("about to fail")
        raise ValueError("not this one")

    @internal_mutation(args={}, returns=v.null())
    async def add_then_exit(ctx: Any) -> None:
        await ctx.db.insert("notes", {"text": "lost"})
        raise SystemExit(3)

    @internal_action(args={}, returns=v.null())
    async def cancel_itself(ctx: Any) -> None:
        raise asyncio.CancelledError

    @internal_action(args={"text": v.string()}, returns=v.null())
    async def act(ctx: Any, text: str) -> None:
        await ctx.run_mutation(api.m.add, text=text)

    @internal_mutation(args={"left": v.number()}, returns=v.null())
    async def count_down(ctx: Any, left: float) -> None:
        await ctx.db.insert("notes", {"text": str(int(left))})
        if left:
            await ctx.scheduler.run_after(0, api.m.count_down, left=left - 1)

    @mutation(
        args={"name": v.string(), "args": v.any(), "delay": v.optional(v.number())},
        returns=v.id("_scheduled_functions"),
    )
    async def schedule(ctx: Any, name: str, args: Any, delay: float = 0) -> Any:
        return await ctx.scheduler.run_after(timedelta(seconds=delay), getattr(api.m, name), **args)

    @mutation(args={"id": v.id("_scheduled_functions")}, returns=v.null())
    async def cancel(ctx: Any, id: Any) -> None:  # noqa: A002 - wire name
        await ctx.scheduler.cancel(id)

    @query(args={}, returns=v.array(v.string()))
    async def texts(ctx: Any) -> Any:
        return [note["text"] async for note in ctx.db.query("notes")]

    @query(args={}, returns=v.array(v.any()))
    async def rows(ctx: Any) -> Any:
        return await ctx.db.system.query("_scheduled_functions").collect()


class Scheduling:
    """A deployment whose scheduled functions run, with a clock that tests may move."""

    def __init__(self, deployment: Deployment, service: SchedulerService, jobs: int = 0) -> None:
        self.deployment = deployment
        self.service = service
        self._job_count = jobs
        self._changed = asyncio.Event()
        deployment.engine.on_commit(lambda _commit: self._changed.set())

    async def schedule(self, name: str, delay: float = 0, **args: Any) -> str:
        document_id: str = await self.deployment.value(
            "m:schedule", name=name, args=args, delay=delay
        )
        return document_id

    async def rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = await self.deployment.value("m:rows")
        return rows

    async def until(self, reached: Callable[[list[dict[str, Any]]], bool]) -> None:
        async with asyncio.timeout(60):
            while True:
                self._changed.clear()
                if reached(await self.rows()):
                    return
                await self._changed.wait()

    async def until_idle(self) -> None:
        """Wait until the cron jobs are deployed, none is due and nothing is left to run."""
        now = to_millis(self.deployment.runner.calls.clock())
        async with asyncio.timeout(60):
            while True:
                self._changed.clear()
                jobs = await self.deployment.value("m:jobs")
                rows = await self.rows()
                if (
                    len(jobs) == self._job_count
                    and all(job["nextTime"] > now for job in jobs)
                    and all(row["state"]["kind"] not in UNFINISHED for row in rows)
                ):
                    return
                await self._changed.wait()

    async def settled(self) -> None:
        """Wait until nothing is left to run."""
        await self.until(lambda rows: all(row["state"]["kind"] not in UNFINISHED for row in rows))

    async def texts(self) -> list[str]:
        texts: list[str] = await self.deployment.value("m:texts")
        return texts


class MovableClock:
    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@asynccontextmanager
async def scheduling(
    folder: Path,
    functions: object = Functions,
    *,
    clock: Callable[[], datetime] | None = None,
    jobs: Crons | None = None,
    parallelism: int = 8,
) -> AsyncIterator[Scheduling]:
    settings = FunctionSettings(clock=clock) if clock else FunctionSettings()
    async with deployed(folder, functions, settings=settings) as deployment:
        calls = deployment.runner.calls
        service = SchedulerService(
            calls,
            deployment.engine.claims("scheduler"),
            jobs={
                calls.components.application: deployed_jobs(
                    jobs.jobs if jobs else (), calls.components.application, calls
                )
            },
            parallelism=parallelism,
        )
        service.start()
        try:
            yield Scheduling(deployment, service, len(jobs.jobs) if jobs else 0)
        finally:
            await service.stop(grace=0)


async def test_mutations_and_actions_run(tmp_path: Path) -> None:
    async with scheduling(tmp_path) as scheduled:
        await scheduled.schedule("add", text="mutation")
        await scheduled.schedule("act", text="action")
        await scheduled.settled()
        assert sorted(await scheduled.texts()) == ["action", "mutation"]
        for row in await scheduled.rows():
            assert row["state"] == {"kind": "success"}
            assert row["completedTime"] >= row["scheduledTime"]


async def test_functions_that_would_end_the_process_fail(tmp_path: Path) -> None:
    async with scheduling(tmp_path) as scheduled:
        await scheduled.schedule("add_then_exit")
        await scheduled.schedule("cancel_itself")
        await scheduled.settled()
        assert [row["state"] for row in await scheduled.rows()] == [
            {"kind": "failed", "error": "Uncaught SystemExit: 3"},
            {"kind": "failed", "error": "Uncaught CancelledError"},
        ]
        assert await scheduled.texts() == []
        await scheduled.schedule("add", text="after")
        await scheduled.settled()
        assert await scheduled.texts() == ["after"]


async def test_functions_schedule_each_other(tmp_path: Path) -> None:
    async with scheduling(tmp_path) as scheduled:
        await scheduled.schedule("count_down", left=20)
        await scheduled.until(lambda rows: len(rows) == 21)
        await scheduled.settled()
        assert await scheduled.texts() == [str(left) for left in range(20, -1, -1)]


async def test_mutations_due_at_one_time_run_in_the_order_of_scheduling(tmp_path: Path) -> None:
    clock = MovableClock()
    async with scheduling(tmp_path, clock=clock) as scheduled:
        texts = [str(number) for number in range(30)]
        for text in texts:
            await scheduled.schedule("add", delay=10, text=text)
        assert await scheduled.texts() == []
        clock.now += timedelta(seconds=10)
        scheduled.service.wake()
        await scheduled.settled()
        assert await scheduled.texts() == texts


async def test_functions_wait_until_they_are_due(tmp_path: Path) -> None:
    clock = MovableClock()
    async with scheduling(tmp_path, clock=clock) as scheduled:
        await scheduled.schedule("add", delay=3600, text="late")
        await scheduled.schedule("add", delay=60, text="early")
        clock.now += timedelta(seconds=61)
        scheduled.service.wake()
        await scheduled.until(lambda rows: rows[1]["state"]["kind"] == "success")
        assert await scheduled.texts() == ["early"]


async def test_a_short_delay_passes_without_help(tmp_path: Path) -> None:
    async with scheduling(tmp_path) as scheduled:
        await scheduled.schedule("add", delay=0.05, text="soon")
        await scheduled.settled()
        assert await scheduled.texts() == ["soon"]


async def test_cancelled_functions_do_not_run(tmp_path: Path) -> None:
    clock = MovableClock()
    async with scheduling(tmp_path, clock=clock) as scheduled:
        cancelled = await scheduled.schedule("add", delay=60, text="cancelled")
        await scheduled.schedule("add", delay=60, text="kept")
        await scheduled.deployment.value("m:cancel", id=cancelled)
        clock.now += timedelta(seconds=61)
        scheduled.service.wake()
        await scheduled.settled()
        assert await scheduled.texts() == ["kept"]


async def test_a_failing_mutation_is_marked_and_undone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with scheduling(tmp_path) as scheduled:
        await scheduled.schedule("add_then_fail", text="undone")
        await scheduled.settled()
        assert await scheduled.texts() == []
        (row,) = await scheduled.rows()
        assert row["state"] == {"kind": "failed", "error": "Uncaught ValueError: not this one"}
    reported = capsys.readouterr().err
    assert reported.startswith(
        "[m:add_then_fail] [LOG] 'about to fail'\n"
        "[m:add_then_fail] Uncaught ValueError: not this one\n"
    )


async def test_a_failing_action_is_marked_and_not_run_again(tmp_path: Path) -> None:
    runs = 0

    class Failing(Functions):
        @internal_action(args={}, returns=v.null())
        async def fails(ctx: Any) -> None:
            nonlocal runs
            runs += 1
            raise ValueError("once is enough")

    async with scheduling(tmp_path, Failing) as scheduled:
        await scheduled.schedule("fails")
        await scheduled.settled()
        (row,) = await scheduled.rows()
        assert row["state"] == {"kind": "failed", "error": "Uncaught ValueError: once is enough"}
        assert runs == 1


async def test_a_function_that_is_gone_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Where several processes run, another version has time to take it.
    monkeypatch.setattr("convexity.scheduler.service.UNKNOWN_GRACE", 0)
    async with deployed(tmp_path, Functions) as deployment:
        await deployment.value("m:schedule", name="add", args={"text": "x"})

    class WithoutIt:
        texts = Functions.texts
        rows = Functions.rows

    async with scheduling(tmp_path, WithoutIt) as scheduled:
        await scheduled.settled()
        (row,) = await scheduled.rows()
        assert row["state"]["error"] == "Could not find function for 'm:add'."


async def test_no_more_than_the_parallelism_run_at_once(tmp_path: Path) -> None:
    running = most = 0
    full = asyncio.Event()

    class Slow(Functions):
        @internal_action(args={}, returns=v.null())
        async def slow(ctx: Any) -> None:
            nonlocal running, most
            running += 1
            most = max(most, running)
            if running == 3:
                full.set()
            await full.wait()
            running -= 1

    async with scheduling(tmp_path, Slow, parallelism=3) as scheduled:
        for _ in range(7):
            await scheduled.schedule("slow")
        await scheduled.until(lambda rows: sum("completedTime" in row for row in rows) == 7)
        assert most == 3


async def test_each_slot_that_gets_free_is_used_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("service", "upkeep"):
        monkeypatch.setattr(f"convexity.scheduler.{module}.TAKEOVER_INTERVAL", 3600.0)
    begun: asyncio.Queue[str] = asyncio.Queue()
    released: dict[str, asyncio.Event] = defaultdict(asyncio.Event)

    class Slow(Functions):
        @internal_action(args={"key": v.string()}, returns=v.null())
        async def slow(ctx: Any, key: str) -> None:
            begun.put_nowait(key)
            await released[key].wait()

        @mutation(args={"keys": v.array(v.string())}, returns=v.null())
        async def schedule_all(ctx: Any, keys: list[str]) -> None:
            for key in keys:
                await ctx.scheduler.run_after(0, api.m.slow, key=key)

    async with scheduling(tmp_path, Slow, parallelism=2) as scheduled:
        await scheduled.deployment.value("m:schedule_all", keys=list("abcdefgh"))
        async with asyncio.timeout(60):
            running = [await begun.get(), await begun.get()]
            for _ in range(6):
                released[running.pop(0)].set()
                running.append(await begun.get())
        for key in running:
            released[key].set()
        await scheduled.settled()


async def test_stopping_waits_for_what_runs(tmp_path: Path) -> None:
    begun, release = asyncio.Event(), asyncio.Event()

    class Slow(Functions):
        @internal_action(args={}, returns=v.null())
        async def slow(ctx: Any) -> None:
            begun.set()
            await release.wait()
            await ctx.run_mutation(api.m.add, text="finished")

    async with scheduling(tmp_path, Slow) as scheduled:
        await scheduled.schedule("slow")
        await begun.wait()
        stopping = asyncio.create_task(scheduled.service.stop())
        await asyncio.sleep(0)
        await scheduled.schedule("add", text="not started")
        release.set()
        await stopping
        assert await scheduled.texts() == ["finished"]
        kinds = [row["state"]["kind"] for row in await scheduled.rows()]
        assert kinds == ["success", "pending"]


async def test_interrupted_actions_are_failed_at_takeover(tmp_path: Path) -> None:
    runs = 0
    begun = asyncio.Event()

    class Slow(Functions):
        @internal_action(args={}, returns=v.null())
        async def slow(ctx: Any) -> None:
            nonlocal runs
            runs += 1
            begun.set()
            await asyncio.Event().wait()

    async with scheduling(tmp_path, Slow) as scheduled:
        await scheduled.schedule("slow")
        await begun.wait()
    async with scheduling(tmp_path, Slow) as scheduled:
        await scheduled.settled()
        (row,) = await scheduled.rows()
        assert row["state"]["kind"] == "failed"
        assert "server stopped" in row["state"]["error"]
        assert runs == 1


async def test_what_a_cancelled_action_schedules_is_cancelled(tmp_path: Path) -> None:
    begun, release = asyncio.Event(), asyncio.Event()

    class Slow(Functions):
        @internal_action(args={}, returns=v.null())
        async def slow(ctx: Any) -> None:
            begun.set()
            await release.wait()
            await ctx.scheduler.run_after(0, api.m.add, text="never")

    async with scheduling(tmp_path, Slow) as scheduled:
        document_id = await scheduled.schedule("slow")
        await begun.wait()
        await scheduled.deployment.value("m:cancel", id=document_id)
        release.set()
        await scheduled.until(lambda rows: len(rows) == 2)
        assert [row["state"]["kind"] for row in await scheduled.rows()] == ["canceled", "canceled"]
        assert await scheduled.texts() == []


async def test_finished_rows_are_deleted_after_seven_days(tmp_path: Path) -> None:
    clock = MovableClock()
    async with scheduling(tmp_path, clock=clock) as scheduled:
        await scheduled.schedule("add", text="old")
        await scheduled.schedule("add", text="future", delay=30 * 86_400)
        await scheduled.until(lambda rows: "completedTime" in rows[0])
    clock.now += timedelta(days=7, seconds=1)
    async with scheduling(tmp_path, clock=clock) as scheduled:
        await scheduled.until(lambda rows: len(rows) == 1)
        (row,) = await scheduled.rows()
        assert row["args"] == [{"text": "future"}]


async def test_only_one_service_of_a_database_runs(tmp_path: Path) -> None:
    lock = tmp_path / "scheduler.lock"
    first, second = FileLock(lock), FileLock(lock)
    await first.acquire()
    waiting = asyncio.create_task(second.acquire())
    await asyncio.sleep(0)
    assert not waiting.done()
    first.release()
    async with asyncio.timeout(60):
        await waiting
    second.release()


@pytest.mark.parametrize("name", ["add", "act", "gone"])
async def test_what_is_no_longer_pending_counts_as_no_execution(tmp_path: Path, name: str) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        calls = deployment.runner.calls
        document_id = await deployment.value("m:schedule", name="add", args={"text": "never"})
        (row,) = await deployment.value("m:rows")
        await deployment.value("m:cancel", id=document_id)
        count = calls.executions.count
        stale = {**row, "name": f"m.js:{name}"}
        await Execution(calls).run(calls.components.application, stale)
        assert calls.executions.count == count
        assert await deployment.value("m:texts") == []


async def test_scheduled_functions_know_their_own_id(tmp_path: Path) -> None:
    seen: list[Any] = []

    class Curious(Functions):
        @internal_action(args={}, returns=v.null())
        async def look(ctx: Any) -> None:
            request = await ctx.meta.get_request_metadata()
            seen.append(request.scheduled_function_id)
            assert await ctx.auth.get_user_identity() is None

    async with scheduling(tmp_path, Curious) as scheduled:
        document_id = await scheduled.schedule("look")
        await scheduled.settled()
        (row,) = await scheduled.rows()
        assert row["state"] == {"kind": "success"}
        assert seen == [document_id]
