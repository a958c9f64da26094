"""Depth, time and transaction limits of functions."""

from __future__ import annotations

import asyncio
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
