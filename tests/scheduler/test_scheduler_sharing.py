"""Real processes that run together what is scheduled, and die amid that; on PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from convexity.scheduler.rows import INTERRUPTED
from convexity.scheduler.service import SchedulerService

from tests.functions.harness import Deployment, deployed
from tests.scheduler.sharing_worker import SLOTS, Functions
from tests.support.engines import IS_POSTGRES

REPOSITORY = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(not IS_POSTGRES, reason="on SQLite one process runs all")


def service_of(deployment: Deployment) -> SchedulerService:
    return SchedulerService(deployment.runner.calls, deployment.engine.claims("scheduler"))


async def until(
    deployment: Deployment, reached: Callable[[list[str], dict[str, dict[str, str]]], bool]
) -> tuple[list[str], dict[str, dict[str, str]]]:
    """Wait until the notes and the states by key are as wanted."""
    committed = asyncio.Event()
    remove = deployment.engine.on_commit(lambda _commit: committed.set())
    async with asyncio.timeout(60):
        while True:
            committed.clear()
            outcome = await deployment.value("m:outcome")
            if reached(outcome["texts"], outcome["states"]):
                remove()
                return outcome["texts"], outcome["states"]
            await committed.wait()


def is_failed(state: dict[str, str]) -> bool:
    return state["kind"] == "failed" and state["error"] == INTERRUPTED.message


@contextlib.contextmanager
def worker(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A process that runs scheduled functions; see sharing_worker."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.scheduler.sharing_worker", str(folder), *arguments],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


async def until_said(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdout is not None
    async with asyncio.timeout(60):
        line = await asyncio.to_thread(process.stdout.readline)
    assert line.strip() == word


async def test_processes_share_actions_and_fail_those_of_a_dead_one(tmp_path: Path) -> None:
    keys = [f"action {number}" for number in range(3 * SLOTS)]
    async with deployed(tmp_path, Functions) as deployment:
        with ExitStack() as stack:
            workers = [stack.enter_context(worker(tmp_path)) for _ in range(3)]
            await deployment.value("m:schedule", name="hold", keys=keys)
            # None ends, so that all have begun only where each process runs as many as it can.
            texts, states = await until(deployment, lambda texts, _: len(texts) == len(keys))
            by_process: dict[int, set[str]] = defaultdict(set)
            for key, _, process in (text.partition(" in ") for text in texts):
                by_process[int(process)].add(key)
            assert {process: len(own) for process, own in by_process.items()} == {
                process.pid: SLOTS for process in workers
            }
            assert {state["kind"] for state in states.values()} == {"inProgress"}
            workers[0].kill()
            lost = by_process[workers[0].pid]
            _, states = await until(
                deployment, lambda _, states: all(is_failed(states[key]) for key in lost)
            )
            assert {states[key]["kind"] for key in set(keys) - lost} == {"inProgress"}


async def test_what_a_dead_process_had_claimed_is_run_once(tmp_path: Path) -> None:
    keys = [f"mutation {number}" for number in range(3 * SLOTS)]
    async with deployed(tmp_path, Functions) as deployment:
        with ExitStack() as stack:
            dying = stack.enter_context(worker(tmp_path, "stalling"))
            await until_said(dying, "ready")
            await deployment.value("m:schedule", name="work", keys=keys)
            await until_said(dying, "stalled")
            service = service_of(deployment)
            service.start()
            await until(deployment, lambda texts, _: len(texts) == len(keys) - SLOTS)
            dying.kill()
            texts, _ = await until(
                deployment,
                lambda _, states: {state["kind"] for state in states.values()} == {"success"},
            )
            await service.stop()
    assert sorted(texts) == keys


async def test_what_others_have_claimed_is_passed_over_until_they_let_go(tmp_path: Path) -> None:
    keys = [f"mutation {number:02}" for number in range(50)]
    async with deployed(tmp_path, Functions) as first, deployed(tmp_path, Functions) as second:
        await first.value("m:schedule", name="work", keys=keys)
        rival = second.engine.claims("scheduler")
        await rival.acquire()
        ids = await first.value("m:pending")
        assert await rival.claim(ids, 45) == ids[:45]
        service = service_of(first)
        service.start()
        texts, _ = await until(first, lambda texts, _: len(texts) == 5)
        assert sorted(texts) == keys[45:]
        rival.give_up()
        texts, _ = await until(first, lambda texts, _: len(texts) == 50)
        await service.stop()
    assert sorted(texts) == keys


class Fewer:
    work = Functions.work
    outcome = Functions.outcome


async def test_a_function_of_another_version_is_left_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with deployed(tmp_path, Functions) as new, deployed(tmp_path, Fewer) as old:
        await new.value("m:schedule", name="tell", keys=["told"])
        await new.value("m:schedule", name="work", keys=["work"])
        older = service_of(old)
        older.start()
        texts, states = await until(old, lambda texts, _: bool(texts))
        assert (texts, states["told"]) == (["work"], {"kind": "pending"})
        newer = service_of(new)
        newer.start()
        texts, _ = await until(old, lambda texts, _: len(texts) == 2)
        assert texts == ["work", "told"]
        await newer.stop()
        monkeypatch.setattr("convexity.scheduler.service.UNKNOWN_GRACE", 0)
        await new.value("m:schedule", name="tell", keys=["untold"])
        _, states = await until(old, lambda _, states: states["untold"]["kind"] != "pending")
        assert "could not find" in states["untold"]["error"].lower()
        await older.stop()
