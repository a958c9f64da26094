"""Functions that raise what would end a process or a task: the function fails, nothing else."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest
from convexity.functions.registration import action, mutation, query
from convexity.values import ConvexError, v

from tests.functions.harness import api, deployed


class StrangeError(BaseException):
    pass


class UnspeakableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


def of_itself() -> Any:
    data: list[Any] = []
    data.append(data)
    return data


RAISED: dict[str, BaseException] = {
    "exit": SystemExit(3),
    "interrupt": KeyboardInterrupt(),
    "strange": StrangeError("odd"),
    "closed": GeneratorExit(),
    "cancelled": asyncio.CancelledError(),
    "unspeakable": UnspeakableError(),
    "of itself": ConvexError(of_itself()),
    "group": BaseExceptionGroup("several", [SystemExit(4)]),
}


def fail(name: str) -> None:
    if name in RAISED:
        raise RAISED[name]


class Functions:
    @query(args={"name": v.string()}, returns=v.null())
    async def read(ctx: Any, name: str) -> None:
        fail(name)

    @mutation(args={"name": v.string()}, returns=v.null())
    async def write(ctx: Any, name: str) -> None:
        await ctx.db.insert("notes", {"text": name})
        fail(name)

    @mutation(args={"name": v.string()}, returns=v.null())
    async def write_in_task(ctx: Any, name: str) -> None:
        async def work() -> None:
            await ctx.db.insert("notes", {"text": name})
            fail(name)

        await asyncio.create_task(work())

    @mutation(args={"name": v.string()}, returns=v.null())
    async def write_in_group(ctx: Any, name: str) -> None:
        async def work() -> None:
            await ctx.db.insert("notes", {"text": name})
            fail(name)

        async with asyncio.TaskGroup() as group:
            group.create_task(work())
            group.create_task(asyncio.sleep(0))

    @action(args={"name": v.string()}, returns=v.null())
    async def act(ctx: Any, name: str) -> None:
        await ctx.run_mutation(api.m.write, name=name)

    @query(args={}, returns=v.array(v.string()))
    async def texts(ctx: Any) -> Any:
        return [note["text"] async for note in ctx.db.query("notes")]

    @query(args={}, returns=v.null())
    async def log_badly(ctx: Any) -> None:
        logging.getLogger("app").error("%d", "no number")
        logging.getLogger("app").error("%d", 1)


@pytest.mark.parametrize("name", RAISED)
@pytest.mark.parametrize("path", ["m:read", "m:write", "m:write_in_task", "m:act"])
async def test_whatever_is_raised_fails_the_function(tmp_path: Path, path: str, name: str) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        result = await deployment.run(path, name=name)
        assert result.error is not None
        assert result.error.text
        assert await deployment.value("m:texts") == []
        assert (await deployment.run(path, name="nothing")).error is None


async def test_an_exit_in_a_task_group_fails_the_function(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        message = await deployment.error("m:write_in_group", name="exit")
        assert message == "Uncaught SystemExit: 3"
        assert await deployment.value("m:texts") == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("exit", "Uncaught SystemExit: 3"),
        ("cancelled", "Uncaught CancelledError"),
        ("unspeakable", "Uncaught UnspeakableError: (its text cannot be shown: RuntimeError)"),
        ("group", "Uncaught SystemExit: 4"),
    ],
)
async def test_the_message_names_what_was_raised(tmp_path: Path, name: str, message: str) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        assert await deployment.error("m:read", name=name) == message


async def test_a_call_that_is_cancelled_from_outside_is_no_failure(tmp_path: Path) -> None:
    begun = asyncio.Event()

    class Waiting:
        @query(args={}, returns=v.null())
        async def wait(ctx: Any) -> None:
            begun.set()
            await asyncio.Event().wait()

    async with deployed(tmp_path, Waiting) as deployment:
        call = asyncio.create_task(deployment.run("m:wait"))
        await begun.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call


async def test_log_records_that_cannot_be_formatted_do_not_fail_the_function(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    async with deployed(tmp_path, Functions) as deployment:
        result = await deployment.run("m:log_badly")
        assert result.error is None
        assert result.log_lines == ("[ERROR] '1'",)
