"""Arguments: names, numbers, copies, and the spellings of "absent"."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from convexity.functions.registration import (
    internal_query,
    query,
)
from convexity.values import UNSET, Int64, v
from convexity.values.validators import integral_number

from tests.functions.harness import api, deployed

ALL = v.array(v.any())


async def test_arguments_of_nested_calls_are_copied(tmp_path: Path) -> None:
    class Functions:
        @internal_query(args={"items": ALL}, returns=ALL)
        async def spoil(ctx: Any, items: list[Any]) -> list[Any]:
            items.append("spoilt")
            items[0]["x"] = "spoilt"
            return items

        @query(args={}, returns=ALL)
        async def outer(ctx: Any) -> list[Any]:
            mine: list[Any] = [{"x": "mine"}]
            await ctx.run_query(api.m.spoil, items=mine)
            return mine

    async with deployed(tmp_path, Functions) as deployment:
        assert await deployment.value("m:outer") == [{"x": "mine"}]


async def test_optional_arguments_by_reference(tmp_path: Path) -> None:
    optional = {"title": v.optional(v.string()), "note": v.optional(v.nullable(v.string()))}

    class Functions:
        @internal_query(args=optional, returns=ALL)
        async def target(ctx: Any, title: Any = "absent", note: Any = "absent") -> Any:
            return [title, note]

        @query(args={}, returns=ALL)
        async def outer(ctx: Any) -> Any:
            call = ctx.run_query
            return [
                await call(api.m.target),
                await call(api.m.target, title=None, note=None),
                await call(api.m.target, title=UNSET, note=UNSET),
                await call(api.m.target, title="t", note="n"),
            ]

    async with deployed(tmp_path, Functions) as deployment:
        assert await deployment.value("m:outer") == [
            ["absent", "absent"],
            ["absent", None],
            ["absent", "absent"],
            ["t", "n"],
        ]


async def test_wire_arguments_are_not_lenient_about_null(tmp_path: Path) -> None:
    class Functions:
        @query(args={"title": v.optional(v.string())}, returns=v.any())
        async def target(ctx: Any, title: str | None = None) -> Any:
            return title

    async with deployed(tmp_path, Functions) as deployment:
        assert (await deployment.error("m:target", title=None)).startswith(
            "ArgumentValidationError: "
        )
        assert await deployment.value("m:target") is None


async def test_integral_numbers_and_int64(tmp_path: Path) -> None:
    class Functions:
        @query(args={"n": integral_number(), "big": v.int64()}, returns=v.any())
        async def kinds(ctx: Any, n: int, big: Int64) -> Any:
            return [type(n).__name__, type(big).__name__]

        @query(args={}, returns=v.number())
        async def one(ctx: Any) -> int:
            return 1

        @query(args={"n": v.number()}, returns=v.any())
        async def float_kind(ctx: Any, n: float) -> Any:
            return type(n).__name__

    async with deployed(tmp_path, Functions) as deployment:
        big = {"$integer": "AQAAAAAAAAA="}
        assert await deployment.value("m:kinds", n=3.0, big=big) == ["int", "Int64"]
        assert "ArgumentValidationError" in await deployment.error("m:kinds", n=3.5, big=big)
        assert await deployment.value("m:float_kind", n=3) == "float"
        result = await deployment.run("m:one")
        assert result.result_json() == b"1.0"


async def test_names_and_from(tmp_path: Path) -> None:
    class Functions:
        @query(name="list", args={"from": v.string()}, returns=v.string())
        async def list_(ctx: Any, from_: str) -> str:
            return from_

        @query(args={}, returns=v.string())
        async def outer(ctx: Any) -> Any:
            return await ctx.run_query(api.m.list, from_="there")

    async with deployed(tmp_path, Functions) as deployment:
        assert await deployment.value("m:list", **{"from": "here"}) == "here"
        assert await deployment.value("m:outer") == "there"
        assert await deployment.error("m:list_") == "Could not find public function for 'm:list_'."
