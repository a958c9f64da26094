"""Functions on notes, which tests build on."""

from __future__ import annotations

from typing import Any

from convexity.functions.registration import (
    internal_mutation,
    internal_query,
    mutation,
    query,
)
from convexity.values import v

NOTE = {"text": v.string(), "owner": v.optional(v.string())}


class Notes:
    """Deployed as module ``m``."""

    @mutation(args=NOTE, returns=v.id("notes"))
    async def add(ctx: Any, text: str, owner: str | None = None) -> Any:
        return await ctx.db.insert("notes", {"text": text} | ({"owner": owner} if owner else {}))

    @query(args={}, returns=v.array(v.string()))
    async def texts(ctx: Any) -> list[str]:
        return [note["text"] async for note in ctx.db.query("notes")]

    @internal_query(args={}, returns=v.number())
    async def count(ctx: Any) -> int:
        return len(await ctx.db.query("notes").collect())

    @internal_mutation(args={"text": v.string()}, returns=v.null())
    async def add_then_fail(ctx: Any, text: str) -> None:
        await ctx.db.insert("notes", {"text": text})
        raise ValueError(f"no {text}")
