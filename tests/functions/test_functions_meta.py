"""``ctx.meta`` and ``ctx.now()``: facts about the function, its request and its transaction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from convexity.auth.identity import Identity
from convexity.database.limits import DEFAULT_LIMITS
from convexity.functions.meta import RequestMetadata
from convexity.functions.registration import (
    action,
    internal_action,
    internal_mutation,
    internal_query,
    mutation,
    query,
)
from convexity.functions.settings import FunctionSettings
from convexity.server import TransactionLimits
from convexity.values import v
from convexity.values.sizes import value_size
from convexity.values.validators import integral_number

from tests.functions.harness import api, deployed
from tests.functions.notes import Notes

REQUEST = RequestMetadata(
    ip="192.0.2.1", user_agent="test/1", request_id="0123456789abcdef", auth_token="secret"
)


def used_and_remaining(metrics: Any) -> dict[str, list[int]]:
    names = TransactionLimits.__dataclass_fields__
    return {name: [getattr(metrics, name).used, getattr(metrics, name).remaining] for name in names}


class Functions(Notes):
    @mutation(args={}, returns=v.any())
    async def measured(ctx: Any) -> Any:
        first = await ctx.db.insert("notes", {"text": "a"})
        await ctx.db.insert("notes", {"text": "b"})
        await ctx.db.delete(first)
        await ctx.db.query("notes").collect()
        await ctx.scheduler.run_after(timedelta(days=1), api.m.add, text="later")
        return used_and_remaining(await ctx.meta.get_transaction_metrics())

    @internal_mutation(args={}, returns=v.any())
    async def remaining(ctx: Any) -> Any:
        await ctx.db.insert("notes", {"text": "inner"})
        return used_and_remaining(await ctx.meta.get_transaction_metrics())

    @mutation(args={}, returns=v.any())
    async def limited(ctx: Any) -> Any:
        await ctx.db.insert("notes", {"text": "outer"})
        limits = TransactionLimits(documents_written=5, database_queries=7)
        inner = await ctx.with_options(transaction_limits=limits).run_mutation(api.m.remaining)
        outer = used_and_remaining(await ctx.meta.get_transaction_metrics())
        return [inner, outer]

    @query(args={}, returns=v.any())
    async def of_query(ctx: Any) -> Any:
        assert not hasattr(ctx.meta, "get_request_metadata"), "results are shared by requests"
        return (await ctx.meta.get_function_metadata()).__dict__

    @internal_query(args={}, returns=v.any())
    async def inner_query(ctx: Any) -> Any:
        return (await ctx.meta.get_function_metadata()).__dict__

    @mutation(args={}, returns=v.any())
    async def of_mutation(ctx: Any) -> Any:
        return (await ctx.meta.get_function_metadata()).__dict__

    @action(args={}, returns=v.any())
    async def of_action(ctx: Any) -> Any:
        assert not hasattr(ctx.meta, "get_transaction_metrics"), "it has no transaction"
        nested = await ctx.run_query(api.m.inner_query)
        return [(await ctx.meta.get_function_metadata()).__dict__, nested]

    @mutation(args={}, returns=v.any())
    async def request_of_mutation(ctx: Any) -> Any:
        return (await ctx.meta.get_request_metadata()).__dict__

    @action(args={}, returns=v.any())
    async def request_of_action(ctx: Any) -> Any:
        nested = await ctx.run_mutation(api.m.request_of_mutation)
        return [(await ctx.meta.get_request_metadata()).__dict__, nested]

    @query(args={}, returns=v.string())
    async def time_of_query(ctx: Any) -> str:
        return f"{ctx.now().isoformat()} {await ctx.run_query(api.m.nested_time)}"

    @internal_query(args={}, returns=v.string())
    async def nested_time(ctx: Any) -> str:
        return str(ctx.now().isoformat())

    @internal_action(args={"n": integral_number()}, returns=v.array(v.string()))
    async def times_of_action(ctx: Any, n: int) -> list[str]:
        return [ctx.now().isoformat() for _ in range(n)]


async def test_the_metrics_of_a_transaction(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        metrics = await deployment.value("m:measured")
        assert {name: sum(counts) for name, counts in metrics.items()} == DEFAULT_LIMITS
        used = {name: counts[0] for name, counts in metrics.items()}
        assert used.pop("bytes_read") == used.pop("bytes_written") > 100, "each was read once"
        assert used.pop("scheduled_function_args_bytes") == value_size({"text": "later"})
        assert used == {
            "database_queries": 2,
            "documents_read": 2,
            "documents_written": 3,
            "functions_scheduled": 1,
        }


async def test_metrics_count_against_the_limit_that_applies(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        inner, outer = await deployment.value("m:limited")
        assert inner["documents_written"] == [1, 4]
        assert inner["database_queries"] == [0, 7]
        assert inner["functions_scheduled"] == [0, 1000]
        assert outer["documents_written"] == [2, 15_998]


async def test_metadata_of_functions(tmp_path: Path) -> None:
    def metadata(name: str, kind: str, visibility: str = "public") -> dict[str, str]:
        return {"name": f"m:{name}", "component_path": "", "type": kind, "visibility": visibility}

    async with deployed(tmp_path, Functions) as deployment:
        assert await deployment.value("m:of_query") == metadata("of_query", "query")
        assert await deployment.value("m:of_mutation") == metadata("of_mutation", "mutation")
        assert await deployment.value("m:of_action") == [
            metadata("of_action", "action"),
            metadata("inner_query", "query", "internal"),
        ]


async def test_metadata_of_requests(tmp_path: Path) -> None:
    async with deployed(tmp_path, Functions) as deployment:
        result = await deployment.runner.run(
            "m:request_of_action", {}, identity=Identity(token="secret"), request=REQUEST
        )
        assert result.value == [REQUEST.__dict__, REQUEST.__dict__]
        alone = await deployment.run("m:request_of_mutation", identity=Identity(token="other"))
        assert alone.value["auth_token"] == "other"


async def test_now_is_one_time_per_transaction_and_marks_the_result(tmp_path: Path) -> None:
    ticks = iter(range(10**6))
    start = datetime(2026, 1, 1, tzinfo=UTC)
    settings = FunctionSettings(clock=lambda: start + timedelta(seconds=next(ticks)))
    async with deployed(tmp_path, Functions, settings=settings) as deployment:
        result = await deployment.run("m:time_of_query")
        outer, nested = result.value.split()
        assert outer == nested
        assert datetime.fromisoformat(outer).tzinfo == UTC
        assert result.time_read
        assert not (await deployment.run("m:texts")).time_read
        times = await deployment.value("m:times_of_action", n=3)
        assert len(set(times)) == 3, "the time of an action goes on"
