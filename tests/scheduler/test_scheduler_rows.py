"""``ctx.scheduler``: what is scheduled, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from convexity.functions.registration import (
    action,
    internal_action,
    internal_mutation,
    internal_query,
    mutation,
    query,
)
from convexity.functions.settings import FunctionSettings
from convexity.values import v
from convexity.values.validators import integral_number

from tests.functions.harness import api, deployed

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
FROZEN = FunctionSettings(clock=lambda: NOW)


class Functions:
    @internal_mutation(args={"n": v.number(), "tag": v.optional(v.string())}, returns=v.null())
    async def later(ctx: Any, n: float, tag: str | None = None) -> None:
        return None

    @internal_query(args={}, returns=v.null())
    async def a_query(ctx: Any) -> None:
        return None

    @mutation(args={}, returns=v.id("_scheduled_functions"))
    async def schedule(ctx: Any) -> Any:
        return await ctx.scheduler.run_after(timedelta(seconds=5), api.m.later, n=1, tag=None)

    @action(args={}, returns=v.id("_scheduled_functions"))
    async def schedule_from_action(ctx: Any) -> Any:
        document_id = await ctx.scheduler.run_at(NOW + timedelta(days=1), api.m.later, n=1)
        assert len(await ctx.run_query(api.m.rows)) == 1
        return document_id

    @mutation(args={}, returns=v.null())
    async def schedule_then_fail(ctx: Any) -> None:
        await ctx.scheduler.run_after(0, api.m.later, n=1)
        raise ValueError

    @mutation(args={"id": v.id("_scheduled_functions")}, returns=v.null())
    async def cancel(ctx: Any, id: Any) -> None:  # noqa: A002 - wire name
        await ctx.scheduler.cancel(id)

    @query(args={}, returns=v.array(v.any()))
    async def rows(ctx: Any) -> Any:
        return await ctx.db.system.query("_scheduled_functions").collect()

    @mutation(args={"n": integral_number()}, returns=v.null())
    async def schedule_many(ctx: Any, n: int) -> None:
        for _ in range(n):
            await ctx.scheduler.run_after(0, api.m.later, n=1)


async def test_a_scheduled_function_is_a_row(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions, settings=FROZEN) as deployment:
        document_id = await deployment.value("m:schedule")
        assert document_id.startswith("kc2")
        (row,) = await deployment.value("m:rows")
        assert row["_id"] == document_id
        assert row["name"] == "m.js:later"
        assert row["args"] == [{"n": 1.0}]
        assert row["scheduledTime"] == (NOW.timestamp() + 5) * 1000
        assert row["state"] == {"kind": "pending"}
        assert "completedTime" not in row


async def test_an_action_schedules_at_once(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions, settings=FROZEN) as deployment:
        await deployment.value("m:schedule_from_action")


async def test_a_failed_mutation_schedules_nothing(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions, settings=FROZEN) as deployment:
        await deployment.error("m:schedule_then_fail")
        assert await deployment.value("m:rows") == []


async def test_cancel(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions, settings=FROZEN) as deployment:
        document_id = await deployment.value("m:schedule")
        for _ in range(2):
            await deployment.value("m:cancel", id=document_id)
            (row,) = await deployment.value("m:rows")
            assert row["state"] == {"kind": "canceled"}
            assert row["completedTime"] == NOW.timestamp() * 1000


async def test_at_most_a_thousand_per_mutation(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions, settings=FROZEN) as deployment:
        await deployment.value("m:schedule_many", n=1000)
        assert "Too many functions scheduled" in await deployment.error("m:schedule_many", n=1001)
        assert len(await deployment.value("m:rows")) == 1000


REFUSED: list[tuple[Any, str]] = [
    (lambda s: s.run_after(5000, api.m.later, n=1), "must be a timedelta"),
    (lambda s: s.run_after(False, api.m.later, n=1), "must be a timedelta"),
    (lambda s: s.run_after(timedelta(seconds=-1), api.m.later, n=1), "from zero to 1825 days"),
    (lambda s: s.run_after(timedelta(days=6 * 365), api.m.later, n=1), "from zero to 1825 days"),
    (lambda s: s.run_at(NOW.replace(tzinfo=None), api.m.later, n=1), "aware datetime"),
    (lambda s: s.run_at(NOW - timedelta(days=6 * 365), api.m.later, n=1), "within 1825 days"),
    (lambda s: s.run_after(0, api.m.later, n="1"), "does not match"),
    (lambda s: s.run_after(0, api.m.missing), "Could not find function for 'm:missing'"),
    (lambda s: s.run_after(0, api.m.a_query), "only mutations and actions can be scheduled"),
    (lambda s: s.run_after(0, "m:later"), "is not a function reference"),
    (lambda s: s.run_after(0, api.m, n=1), "names a module"),
    (lambda s: s.cancel("nonsense"), "Invalid argument `id` for `scheduler.cancel`"),
]


@pytest.mark.parametrize(("attempt", "message"), REFUSED)
async def test_what_is_refused(tmp_path: Path, attempt: Any, message: str) -> None:
    class Refused(Functions):
        @internal_action(args={}, returns=v.null())
        async def attempts(ctx: Any) -> None:
            await attempt(ctx.scheduler)

    async with deployed(tmp_path, Refused, settings=FROZEN) as deployment:
        result = await deployment.run("m:attempts", allow_internal=True)
        assert result.error is not None
        assert message in result.error.message
        assert await deployment.value("m:rows") == []
