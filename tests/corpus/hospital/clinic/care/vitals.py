"""The vitals of the stays."""

from __future__ import annotations

from datetime import timedelta

from convexity.values import ConvexError, to_millis, v

from .._generated import data_model as types
from .._generated.api import internal
from .._generated.server import MutationCtx, QueryCtx, internal_mutation, mutation, query
from ..lib import access as guard
from ..schema import schema

LATER = timedelta(seconds=30)


@mutation(
    args={"stayId": v.id("stays"), "kind": v.string(), "value": v.number()}, returns=v.id("vitals")
)
async def measure(
    ctx: MutationCtx, stayId: types.Id[types.Stays], kind: str, value: float
) -> types.Id[types.Vitals]:
    """Measure a vital."""
    await guard.require_staff(ctx)
    if await ctx.db.get(stayId) is None:
        raise ConvexError({"code": "no_stay"})
    return await ctx.db.insert(
        "vitals",
        {
            "stayId": stayId,
            "kind": kind.strip(),
            "value": value,
            "measuredAt": to_millis(ctx.now()),
        },
    )


@query(
    args={"stayId": v.id("stays"), "start": v.number(), "end": v.number()},
    returns=v.array(schema.doc("vitals")),
)
async def between(
    ctx: QueryCtx, stayId: types.Id[types.Stays], start: float, end: float
) -> list[types.VitalsDoc]:
    """The vitals of a time, the oldest first."""
    await guard.require_staff(ctx)
    if end <= start:
        return []
    return (
        await ctx.db.query("vitals")
        .with_index("by_stayId_and_measuredAt")
        .eq("stayId", stayId)
        .gte("measuredAt", start)
        .lt("measuredAt", end)
        .take(200)
    )


@query(args={"stayId": v.id("stays")}, returns=v.nullable(schema.doc("vitals")))
async def latest(ctx: QueryCtx, stayId: types.Id[types.Stays]) -> types.VitalsDoc | None:
    """The newest vital, if there is any."""
    await guard.require_staff(ctx)
    found = ctx.db.query("vitals").with_index("by_stayId_and_measuredAt").eq("stayId", stayId)
    return await found.order("desc").first()


@query(args={"stayId": v.id("stays")}, returns=v.nullable(schema.doc("vitals")))
async def largest(ctx: QueryCtx, stayId: types.Id[types.Stays]) -> types.VitalsDoc | None:
    """The vital with the greatest value."""
    await guard.require_staff(ctx)
    ranked = ctx.db.query("vitals").with_index("by_stayId_and_value").eq("stayId", stayId)
    return await ranked.order("desc").first()


@internal_mutation(args={"before": v.number(), "limit": v.number()}, returns=v.number())
async def expire(ctx: MutationCtx, before: float, limit: int) -> int:
    """Delete old vitals in batches; returns how many."""
    old = ctx.db.query("vitals").with_index("by_measuredAt")
    found = await old.lt("measuredAt", before).take(limit)
    for vital in found:
        await ctx.db.delete(vital["_id"])
    if len(found) == limit:
        await ctx.scheduler.run_after(
            LATER, internal.care.vitals.expire, before=before, limit=limit
        )
    return len(found)


@query(args={"stayId": v.id("stays")}, returns=v.nullable(v.number()))
async def average(ctx: QueryCtx, stayId: types.Id[types.Stays]) -> float | None:
    """The mean value of the last hundred vitals."""
    await guard.require_staff(ctx)
    found = ctx.db.query("vitals").with_index("by_stayId_and_measuredAt").eq("stayId", stayId)
    values = [vital["value"] for vital in await found.order("desc").take(100)]
    return sum(values) / len(values) if values else None
