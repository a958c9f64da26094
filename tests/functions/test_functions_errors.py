"""How failures reach the client: the wordings of wire-protocol 2.2."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from convexity.auth.identity import ANONYMOUS
from convexity.errors import (
    ConflictExhaustedError,
    ConvexityError,
    InvalidCursorError,
    SnapshotTooOldError,
    WriteConflict,
)
from convexity.functions.registration import action, internal_query, mutation, query
from convexity.functions.settings import FunctionSettings
from convexity.values import UNSET, ConvexError, v
from convexity.values.ids import encode_id

from tests.functions.harness import api, deployed


class Functions:
    @query(args={"n": v.number()}, returns=v.number())
    async def double(ctx: Any, n: float) -> float:
        return 2 * n

    @internal_query(args={}, returns=v.null())
    async def hidden(ctx: Any) -> None:
        return None

    @query(args={}, returns=v.string())
    async def wrong_result(ctx: Any) -> Any:
        return 1

    @query(args={"data": v.any()}, returns=v.null())
    async def refuse(ctx: Any, data: Any) -> None:
        raise ConvexError(data)

    @query(args={}, returns=v.null())
    async def bad_nested_call(ctx: Any) -> None:
        await ctx.run_query(api.m.double, n="1")

    @query(args={}, returns=v.null())
    async def by_position(ctx: Any) -> None:
        await ctx.run_query(api.m.double, 1.0)

    @query(args={}, returns=v.null())
    async def bad_cursor(ctx: Any) -> None:
        raise InvalidCursorError("made for another query")

    @query(args={}, returns=v.string())
    async def large(ctx: Any) -> str:
        return "x" * (17 * 2**20)

    @query(args={"note": v.id("notes")}, returns=v.null())
    async def of_note(ctx: Any, note: Any) -> None:
        return None

    @mutation(args={"job": v.any()}, returns=v.null())
    async def cancel(ctx: Any, job: Any) -> None:
        await ctx.scheduler.cancel(job)

    @action(args={}, returns=v.null(), runtime="process")
    async def in_process(ctx: Any) -> None:
        return None


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("m:missing", "Could not find public function for 'm:missing'."),
        ("m.js:missing", "Could not find public function for 'm:missing'."),
        ("other:default", "Could not find public function for 'other'."),
        ("m:hidden", "Could not find public function for 'm:hidden'."),
    ],
)
async def test_functions_that_cannot_be_found(tmp_path: Path, path: str, message: str) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        assert await deployment.error(path) == message


async def test_admins_find_internal_functions(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        result = await deployment.run("m.js:hidden", allow_internal=True)
        assert result.error is None


async def test_wrong_kind(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        result = await deployment.runner.run("m:double", {}, identity=ANONYMOUS, kind="mutation")
        assert result.error is not None
        assert result.error.message == (
            "Trying to execute m.js:double as Mutation, but it is defined as Query."
        )


@pytest.mark.parametrize("args", [{}, {"n": "1"}, {"n": 1, "more": 2}, {"n": None}])
async def test_arguments_that_do_not_match(tmp_path: Path, args: dict[str, Any]) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        result = await deployment.run("m:double", **args)
        assert result.error is not None
        assert result.error.message.startswith("ArgumentValidationError: ")
        assert result.error.data is UNSET
        assert result.error.frames == ()


async def test_malformed_ids_are_argument_failures(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        message = await deployment.error("m:of_note", note="notes:nonexistent")
        assert message.startswith("ArgumentValidationError: ")


async def test_arguments_that_are_no_values(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        message = await deployment.error("m:refuse", data={"$unknown": 1})
        assert message.startswith("Invalid arguments for m.js:refuse: ")


@pytest.mark.parametrize("args", ["text", [{}, {}], 1])
async def test_arguments_that_are_no_object(tmp_path: Path, args: object) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        result = await deployment.runner.run("m:double", args, identity=ANONYMOUS)
        assert result.error is not None
        assert result.error.message.startswith("Invalid arguments for m.js:double: ")


async def test_an_array_of_one_object_is_accepted(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        result = await deployment.runner.run("m:double", [{"n": 2}], identity=ANONYMOUS)
        assert result.value == 4.0


async def test_results_that_do_not_match(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        assert (await deployment.error("m:wrong_result")).startswith("ReturnsValidationError: ")


async def test_results_that_are_too_large(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        message = await deployment.error("m:large")
        assert message.startswith("Function m.js:large return value is too large (actual: 17")
        assert message.endswith("limit: 16 MiB)")


async def test_arguments_that_are_too_large(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        message = await deployment.error("m:refuse", data="x" * (17 * 2**20))
        assert message.startswith("Arguments for m.js:refuse are too large (actual: 17")


@pytest.mark.parametrize(
    ("data", "shown"),
    [("plain", "plain"), ({"code": "X"}, '{"code":"X"}'), (None, "null")],
)
async def test_convex_errors_carry_their_data(tmp_path: Path, data: Any, shown: str) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        result = await deployment.run("m:refuse", data=data)
        assert result.error is not None
        assert result.error.data == data
        assert result.error.message == f"Uncaught ConvexError: {shown}"
        assert result.error.text.endswith("\n")


async def test_invalid_cursors_are_recognisable(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        result = await deployment.run("m:bad_cursor")
        assert result.error is not None
        assert "InvalidCursor: made for another query" in result.error.message
        assert result.error.data == {
            "isConvexSystemError": True,
            "paginationError": "InvalidCursor",
        }


async def test_failures_of_nested_calls_name_the_place(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        result = await deployment.run("m:bad_nested_call")
        assert result.error is not None
        assert result.error.message.startswith("Uncaught ArgumentValidationError: ")
        assert "bad_nested_call" in result.error.text
        assert "convexity/functions" not in result.error.text
        assert "passed by keyword" in await deployment.error("m:by_position")


@pytest.mark.parametrize(
    ("job", "reason"),
    [
        (None, "an id is a string, not NoneType"),
        ("junk", "Unable to decode ID: Invalid ID length 4"),
        (encode_id(10001, bytes(16)), "is no id of a scheduled function"),
    ],
)
async def test_cancelling_what_was_never_scheduled(tmp_path: Path, job: Any, reason: str) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        message = await deployment.error("m:cancel", job=job)
        assert "Invalid argument `id` for `scheduler.cancel`: " in message
        assert reason in message


async def test_process_actions_say_that_they_cannot_run(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        assert "needs a worker process" in await deployment.error("m:in_process")


class Conflicting:
    """An engine whose writes conflict a number of times."""

    def __init__(self, inner: Any, conflicts: int) -> None:
        self._inner = inner
        self.left = conflicts

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def write(self, work: Any) -> Any:
        async def conflicting(store: Any) -> Any:
            value = await work(store)
            if self.left:
                self.left -= 1
                raise WriteConflict("another transaction wrote the same documents")
            return value

        return await self._inner.write(conflicting)


class Adding:
    @mutation(args={}, returns=v.null())
    async def add(ctx: Any) -> None:
        print("adding")
        await ctx.db.insert("notes", {"text": "x"})


async def test_conflicts_are_retried_and_leave_no_trace(tmp_path: Path) -> None:
    settings = FunctionSettings(conflict_backoff=0)
    async with deployed(tmp_path, Adding, settings=settings) as deployment:
        deployment.runner.calls.engine = Conflicting(deployment.engine, 4)  # type: ignore[misc]
        result = await deployment.run("m:add")
        assert result.error is None
        assert result.log_lines == ("[LOG] 'adding'",)


async def test_endless_conflicts_are_no_failure_of_the_function(tmp_path: Path) -> None:
    settings = FunctionSettings(conflict_backoff=0)
    async with deployed(tmp_path, Adding, settings=settings) as deployment:
        engine = Conflicting(deployment.engine, 5)
        deployment.runner.calls.engine = engine  # type: ignore[misc]
        with pytest.raises(ConflictExhaustedError):
            await deployment.run("m:add")
        assert engine.left == 0


async def test_snapshots_that_are_no_longer_kept_are_raised(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        with pytest.raises(SnapshotTooOldError):
            await deployment.runner.run("m:double", {"n": 1}, identity=ANONYMOUS, ts=1)


async def test_queries_beyond_the_limit_wait_for_a_slot(tmp_path: Path) -> None:
    release = asyncio.Event()
    running = 0
    most = 0

    class Waiting:
        @query(args={}, returns=v.null())
        async def wait(ctx: Any) -> None:
            nonlocal running, most
            running += 1
            most = max(most, running)
            if running == 2:
                release.set()
            await release.wait()
            running -= 1

    settings = FunctionSettings(concurrent_queries=2)
    async with deployed(tmp_path, Waiting, settings=settings) as deployment:
        results = await asyncio.gather(*(deployment.run("m:wait") for _ in range(6)))
        assert all(result.error is None for result in results)
        assert most == 2


async def test_a_failed_function_has_no_value(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        result = await deployment.run("m:wrong_result")
        with pytest.raises(ConvexityError, match="no value"):
            result.result_json()
