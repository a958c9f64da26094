"""Queries, mutations and actions through the runner."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from convexity.auth.identity import Identity, acting_user
from convexity.errors import ContextError
from convexity.functions.registration import (
    action,
    internal_query,
    mutation,
    query,
)
from convexity.functions.settings import FunctionSettings
from convexity.values import ConvexError, v

from tests.functions.harness import api, deployed
from tests.functions.notes import Notes


async def test_a_mutation_commits_and_a_query_sees_it(tmp_path: Path) -> None:
    async with deployed(tmp_path, Notes) as deployment:
        added = await deployment.run("m:add", text="one")
        read = await deployment.run("m:texts")
        assert read.value == ["one"]
        assert added.ts is not None
        assert read.ts is not None
        assert read.ts >= added.ts
        assert read.read_set is not None
        assert read.read_set.ranges
        assert read.result_json() == b'["one"]'


async def test_a_failed_mutation_leaves_nothing(tmp_path: Path) -> None:
    async with deployed(tmp_path, Notes) as deployment:
        result = await deployment.run("m:add_then_fail", text="one", allow_internal=True)
        assert result.error is not None
        assert result.error.message == "Uncaught ValueError: no one"
        assert "add_then_fail (tests/functions/notes.py:" in result.error.text
        assert await deployment.value("m:texts") == []


async def test_nested_mutations_roll_back_alone(tmp_path: Path) -> None:
    class Functions(Notes):
        @mutation(args={}, returns=v.number())
        async def outer(ctx: Any) -> Any:
            await ctx.db.insert("notes", {"text": "before"})
            with pytest.raises(ValueError, match="no inner"):
                await ctx.run_mutation(api.m.add_then_fail, text="inner")
            await ctx.run_mutation(api.m.add, text="after")
            return await ctx.run_query(api.m.count)

    async with deployed(tmp_path, Functions) as deployment:
        assert await deployment.value("m:outer") == 2
        assert await deployment.value("m:texts") == ["before", "after"]


async def test_concurrent_nested_mutations_run_one_at_a_time_in_call_order(tmp_path: Path) -> None:
    class Functions(Notes):
        @mutation(args={}, returns=v.array(v.string()))
        async def outer(ctx: Any) -> Any:
            texts = [str(number) for number in range(6)]
            await asyncio.gather(*(ctx.run_mutation(api.m.add, text=text) for text in texts))
            return await ctx.run_query(api.m.texts)

    async with deployed(tmp_path, Functions) as deployment:
        assert await deployment.value("m:outer") == ["0", "1", "2", "3", "4", "5"]


async def test_an_action_commits_each_call_by_itself(tmp_path: Path) -> None:
    class Functions(Notes):
        @action(args={}, returns=v.number())
        async def outer(ctx: Any) -> Any:
            await ctx.run_mutation(api.m.add, text="kept")
            with pytest.raises(ValueError, match="no undone"):
                await ctx.run_mutation(api.m.add_then_fail, text="undone")
            return await ctx.run_query(api.m.count)

    async with deployed(tmp_path, Functions) as deployment:
        assert await deployment.value("m:outer") == 1
        assert await deployment.value("m:texts") == ["kept"]


async def test_an_action_has_no_db(tmp_path: Path) -> None:
    class Functions:
        @action(args={}, returns=v.null())
        async def reads(ctx: Any) -> None:
            await ctx.db.query("notes").collect()

    async with deployed(tmp_path, Functions) as deployment:
        assert "an action has no ctx.db" in await deployment.error("m:reads")


async def test_a_query_can_neither_write_nor_schedule(tmp_path: Path) -> None:
    class Functions:
        @query(args={}, returns=v.array(v.boolean()))
        async def abilities(ctx: Any) -> list[bool]:
            names = ["run_query", "run_mutation", "run_action", "scheduler"]
            return [hasattr(ctx, name) for name in names] + [hasattr(ctx.db, "insert")]

        @mutation(args={}, returns=v.array(v.boolean()))
        async def mutation_abilities(ctx: Any) -> list[bool]:
            names = ["run_query", "run_mutation", "run_action", "scheduler"]
            return [hasattr(ctx, name) for name in names] + [hasattr(ctx.db, "insert")]

    async with deployed(tmp_path, Functions) as deployment:
        assert await deployment.value("m:abilities") == [True, False, False, False, False]
        assert await deployment.value("m:mutation_abilities") == [True, True, False, True, True]


async def test_ctx_is_dead_after_its_function(tmp_path: Path) -> None:
    kept: list[Any] = []

    class Functions(Notes):
        @query(args={}, returns=v.null())
        async def leak(ctx: Any) -> None:
            kept.extend((ctx, ctx.db, ctx.with_options()))

    async with deployed(tmp_path, Functions) as deployment:
        await deployment.value("m:leak")
        ctx, db, caller = kept
        with pytest.raises(ContextError, match="after the function had ended"):
            ctx.now()
        with pytest.raises(ContextError):
            await db.query("notes").collect()
        with pytest.raises(ContextError):
            await caller.run_query(api.m.texts)


async def test_ctx_of_a_nested_function_dies_with_it(tmp_path: Path) -> None:
    kept: list[Any] = []

    class Functions:
        @internal_query(args={}, returns=v.null())
        async def leak(ctx: Any) -> None:
            kept.append(ctx.db)

        @query(args={}, returns=v.null())
        async def outer(ctx: Any) -> None:
            await ctx.run_query(api.m.leak)
            with pytest.raises(ContextError):
                await kept[0].query("notes").collect()

    async with deployed(tmp_path, Functions) as deployment:
        await deployment.value("m:outer")


async def test_ctx_refuses_another_thread(tmp_path: Path) -> None:
    class Functions:
        @query(args={}, returns=v.string())
        async def threaded(ctx: Any) -> str:
            try:
                await asyncio.to_thread(ctx.now)
            except ContextError as error:
                return str(error)
            return ""

    async with deployed(tmp_path, Functions) as deployment:
        assert "in another thread" in await deployment.value("m:threaded")


async def test_leftover_tasks_are_cancelled_before_the_commit(tmp_path: Path) -> None:
    cancelled = asyncio.Event()

    class Functions(Notes):
        @mutation(args={}, returns=v.null())
        async def leaves_a_task(ctx: Any) -> None:
            async def late() -> None:
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    cancelled.set()
                    raise

            task = asyncio.create_task(late())
            await asyncio.sleep(0)
            assert not task.done()

    async with deployed(tmp_path, Functions) as deployment:
        await deployment.value("m:leaves_a_task")
        assert cancelled.is_set()


async def test_a_group_counts_as_the_error_of_the_task_started_first(tmp_path: Path) -> None:
    class Functions:
        @query(args={}, returns=v.null())
        async def grouped(ctx: Any) -> None:
            second_failed = asyncio.Event()

            async def first() -> None:
                try:
                    await second_failed.wait()
                finally:
                    raise ConvexError("first")

            async def second() -> None:
                second_failed.set()
                raise ConvexError("second")

            async with asyncio.TaskGroup() as group:
                group.create_task(first())
                group.create_task(second())

    async with deployed(tmp_path, Functions) as deployment:
        result = await deployment.run("m:grouped")
        assert result.error is not None
        assert result.error.data == "first"


async def test_the_time_is_fixed_in_a_transaction(tmp_path: Path) -> None:
    times = iter(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(100))

    class Functions:
        @query(args={}, returns=v.boolean())
        async def stands_still(ctx: Any) -> bool:
            now = ctx.now()
            return bool(ctx.now() == now and await ctx.run_query(api.m.nested_now) == str(now))

        @internal_query(args={}, returns=v.string())
        async def nested_now(ctx: Any) -> str:
            return str(ctx.now())

        @action(args={}, returns=v.boolean())
        async def goes_on(ctx: Any) -> bool:
            return bool(ctx.now() < ctx.now())

    settings = FunctionSettings(clock=lambda: next(times))
    async with deployed(tmp_path, Functions, settings=settings) as deployment:
        assert await deployment.value("m:stands_still") is True
        assert await deployment.value("m:goes_on") is True


async def test_the_identity_is_a_dependency_only_when_asked_for(tmp_path: Path) -> None:
    class Functions(Notes):
        @query(args={}, returns=v.any())
        async def me(ctx: Any) -> Any:
            return await ctx.auth.get_user_identity()

    user = Identity(kind="user", user=acting_user({"issuer": "https://x", "subject": "7"}))
    async with deployed(tmp_path, Functions) as deployment:
        asked = await deployment.run("m:me", identity=user)
        assert asked.identity_read
        assert asked.value["tokenIdentifier"] == "https://x|7"
        assert not (await deployment.run("m:texts", identity=user)).identity_read
        assert await deployment.value("m:me") is None
