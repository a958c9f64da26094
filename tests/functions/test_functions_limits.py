"""Depth, time and transaction limits of functions."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

from convexity.errors import ConvexityError, TransactionLimitError
from convexity.functions.registration import (
    action,
    internal_mutation,
    internal_query,
    mutation,
    query,
)
from convexity.functions.settings import FunctionSettings
from convexity.server import TransactionLimits
from convexity.values import v
from convexity.values.validators import integral_number

from tests.functions.harness import api, deployed
from tests.functions.notes import Notes


async def test_nesting_is_limited(tmp_path: Path) -> None:
    class Functions:
        @query(args={"more": v.number()}, returns=v.number())
        async def down(ctx: Any, more: float) -> float:
            return 1 + (await ctx.run_query(api.m.down, more=more - 1) if more else 0)

    async with deployed(tmp_path, Functions) as deployment:
        assert await deployment.value("m:down", more=8) == 9
        assert "9 calls deep: at most 8" in await deployment.error("m:down", more=9)


async def test_transactions_end_at_their_time_limit(tmp_path: Path) -> None:
    class Functions(Notes):
        @mutation(args={}, returns=v.null())
        async def stuck(ctx: Any) -> None:
            await ctx.db.insert("notes", {"text": "undone"})
            await asyncio.Event().wait()

        @action(args={}, returns=v.string())
        async def caller(ctx: Any) -> str:
            try:
                await ctx.run_mutation(api.m.stuck)
            except ConvexityError as error:
                return str(error)
            return ""

    settings = FunctionSettings(transaction_time=0.05)
    async with deployed(tmp_path, Functions, settings=settings) as deployment:
        expected = "Function execution timed out (maximum duration: 0.05s)"
        assert expected in await deployment.error("m:stuck")
        assert expected in await deployment.value("m:caller")
        assert await deployment.value("m:texts") == []


async def test_except_exception_cannot_swallow_the_time_limit(tmp_path: Path) -> None:
    class Functions:
        @internal_query(args={}, returns=v.null())
        async def stuck(ctx: Any) -> None:
            await asyncio.Event().wait()

        @query(args={}, returns=v.null())
        async def outer(ctx: Any) -> None:
            try:
                await ctx.run_query(api.m.stuck)
            except Exception:
                return

    settings = FunctionSettings(transaction_time=0.05)
    async with deployed(tmp_path, Functions, settings=settings) as deployment:
        assert "timed out" in await deployment.error("m:outer")


async def test_a_timeout_of_the_users_own_is_an_ordinary_error(tmp_path: Path) -> None:
    class Functions:
        @action(args={}, returns=v.null())
        async def gives_up(ctx: Any) -> None:
            async with asyncio.timeout(0):
                await asyncio.Event().wait()

    async with deployed(tmp_path, Functions) as deployment:
        assert await deployment.error("m:gives_up") == "Uncaught TimeoutError"


async def test_limits_of_nested_calls(tmp_path: Path) -> None:
    class Functions(Notes):
        @internal_mutation(args={"n": integral_number()}, returns=v.null())
        async def add_many(ctx: Any, n: int) -> None:
            for number in range(n):
                await ctx.db.insert("notes", {"text": str(number)})

        @mutation(args={}, returns=v.string())
        async def outer(ctx: Any) -> str:
            limited = ctx.with_options(transaction_limits=TransactionLimits(documents_written=5))
            assert not hasattr(limited, "db")
            await limited.run_mutation(api.m.add_many, n=5)
            try:
                await limited.run_mutation(api.m.add_many, n=6)
            except TransactionLimitError as error:
                return error.limit
            return ""

    async with deployed(tmp_path, Functions) as deployment:
        assert await deployment.value("m:outer") == "documents_written"
        assert len(await deployment.value("m:texts")) == 5


async def test_a_gathered_signal_cannot_be_swallowed(tmp_path: Path) -> None:
    class Functions(Notes):
        @internal_mutation(args={}, returns=v.null())
        async def schedules_too_much(ctx: Any) -> None:
            for _ in range(1001):
                await ctx.scheduler.run_after(0, api.m.schedules_too_much)

        @mutation(args={}, returns=v.null())
        async def outer(ctx: Any) -> None:
            await ctx.db.insert("notes", {"text": "undone"})
            call = ctx.run_mutation(api.m.schedules_too_much)
            await asyncio.gather(call, return_exceptions=True)

    async with deployed(tmp_path, Functions) as deployment:
        assert "Too many functions scheduled" in await deployment.error("m:outer")
        assert await deployment.value("m:texts") == []


async def test_coming_close_to_a_limit_is_a_warning(tmp_path: Path) -> None:
    class Functions:
        @internal_mutation(args={"n": integral_number()}, returns=v.null())
        async def schedules(ctx: Any, n: int) -> None:
            for _ in range(n):
                await ctx.scheduler.run_after(0, api.m.schedules, n=0)

    async with deployed(tmp_path, Functions) as deployment:
        quiet = await deployment.run("m:schedules", n=800, allow_internal=True)
        assert quiet.log_lines == ()
        (line,) = (await deployment.run("m:schedules", n=801, allow_internal=True)).log_lines
        assert line.startswith("[WARN] Many functions scheduled by this mutation (actual: 801, ")


async def test_arguments_of_scheduled_functions_add_up(tmp_path: Path) -> None:
    class Functions:
        @internal_mutation(args={"text": v.string(), "n": integral_number()}, returns=v.null())
        async def schedules(ctx: Any, text: str, n: int) -> None:
            for _ in range(n):
                await ctx.scheduler.run_after(timedelta(days=1), api.m.schedules, text=text, n=0)

    async with deployed(tmp_path, Functions) as deployment:
        text = "x" * 1_000_000
        near = await deployment.run("m:schedules", text=text, n=14, allow_internal=True)
        assert near.error is None
        assert "size of the arguments" in near.log_lines[0]
        assert near.log_lines[0].startswith("[WARN]")
        too_much = await deployment.run("m:schedules", text=text, n=17, allow_internal=True)
        assert too_much.error is not None
        assert too_much.error.message.startswith(
            "Too large total size of the arguments of functions scheduled by this mutation "
            "(limit: 16777216 bytes)."
        )


async def test_a_limit_ends_the_transaction_whatever_is_caught(tmp_path: Path) -> None:
    class Functions(Notes):
        @mutation(args={}, returns=v.null())
        async def stubborn(ctx: Any) -> None:
            try:
                for number in range(16_001):
                    await ctx.db.insert("notes", {"text": str(number)})
            except Exception:
                return

        @action(args={}, returns=v.string())
        async def caller(ctx: Any) -> str:
            try:
                await ctx.run_mutation(api.m.stubborn)
            except TransactionLimitError as error:
                return error.limit
            return ""

    async with deployed(tmp_path, Functions) as deployment:
        assert "Too many writes" in await deployment.error("m:stubborn")
        assert await deployment.value("m:caller") == "documents_written"
        assert await deployment.value("m:texts") == []


async def test_an_action_has_eight_calls_under_way(tmp_path: Path) -> None:
    running, most, full = 0, 0, asyncio.Event()

    class Functions:
        @internal_query(args={}, returns=v.null())
        async def waits(ctx: Any) -> None:
            nonlocal running, most
            running += 1
            most = max(most, running)
            if running == 8:
                # A ninth one would have begun by the next turns of the event loop.
                for _ in range(20):
                    await asyncio.sleep(0)
                full.set()
            await full.wait()
            running -= 1

        @action(args={}, returns=v.null())
        async def calls(ctx: Any) -> None:
            await asyncio.gather(*(ctx.run_query(api.m.waits) for _ in range(20)))

    async with deployed(tmp_path, Functions) as deployment:
        assert await deployment.value("m:calls") is None
        assert most == 8


async def test_actions_beyond_the_limit_wait_for_their_turn(tmp_path: Path) -> None:
    order = []
    go = asyncio.Event()

    class Functions:
        @action(args={"n": integral_number()}, returns=v.null())
        async def runs(ctx: Any, n: int) -> None:
            order.append(n)
            await go.wait()

    settings = FunctionSettings(concurrent_actions=2)
    async with deployed(tmp_path, Functions, settings=settings) as deployment:
        calls = [asyncio.create_task(deployment.value("m:runs", n=n)) for n in range(4)]
        while len(order) < 2:  # noqa: ASYNC110 - then for more turns, in which a third could begin
            await asyncio.sleep(0)
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(order) == 2
        go.set()
        await asyncio.gather(*calls)
        assert sorted(order) == [0, 1, 2, 3]
