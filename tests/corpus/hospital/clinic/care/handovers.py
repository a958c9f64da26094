"""The handovers of the wards."""

from __future__ import annotations

from convexity.values import ConvexError, to_millis, v

from .._generated import data_model as types
from .._generated.server import MutationCtx, QueryCtx, mutation, query
from ..lib import access as guard
from ..schema import schema

_one = {"handoverId": v.id("handovers")}


async def _handover(ctx: QueryCtx, handover_id: types.Id[types.Handovers]) -> types.HandoversDoc:
    await guard.require_staff(ctx)
    found = await ctx.db.get(handover_id)
    if found is None:
        raise ConvexError({"code": "no_handover"})
    return found


@mutation(
    args={"wardId": v.id("wards"), "summary": v.string(), "patients": v.number()},
    returns=v.id("handovers"),
)
async def write(
    ctx: MutationCtx, wardId: types.Id[types.Wards], summary: str, patients: float
) -> types.Id[types.Handovers]:
    """Write a handover."""
    await guard.require_staff(ctx)
    if await ctx.db.get(wardId) is None:
        raise ConvexError({"code": "no_ward"})
    return await ctx.db.insert(
        "handovers",
        {
            "wardId": wardId,
            "summary": summary.strip(),
            "patients": patients,
            "writtenAt": to_millis(ctx.now()),
        },
    )


@query(args={"wardId": v.id("wards")}, returns=v.nullable(schema.doc("handovers")))
async def latest(ctx: QueryCtx, wardId: types.Id[types.Wards]) -> types.HandoversDoc | None:
    """The newest handover, if there is any."""
    await guard.require_staff(ctx)
    found = ctx.db.query("handovers").with_index("by_wardId_and_writtenAt").eq("wardId", wardId)
    return await found.order("desc").first()


@query(
    args={"wardId": v.id("wards"), "limit": v.optional(v.number())},
    returns=v.array(schema.doc("handovers")),
)
async def of_ward(
    ctx: QueryCtx, wardId: types.Id[types.Wards], limit: int = 50
) -> list[types.HandoversDoc]:
    """The handovers of a ward, the newest first."""
    await guard.require_staff(ctx)
    found = ctx.db.query("handovers").with_index("by_wardId_and_writtenAt").eq("wardId", wardId)
    return await found.order("desc").take(min(limit, 200))


@query(args={"text": v.string()}, returns=v.array(schema.doc("handovers")))
async def search(ctx: QueryCtx, text: str) -> list[types.HandoversDoc]:
    """The handovers whose summary holds words."""
    await guard.require_staff(ctx)
    return (
        await ctx.db.query("handovers")
        .with_search_index("search_summary")
        .search("summary", text)
        .take(15)
    )


@mutation(args={**_one, "summary": v.string()}, returns=v.null())
async def reword(ctx: MutationCtx, handoverId: types.Id[types.Handovers], summary: str) -> None:
    """Change the summary of a handover."""
    handover = await _handover(ctx, handoverId)
    if not summary.strip():
        raise ConvexError({"code": "empty", "field": "summary"})
    if handover["summary"] != summary:
        await ctx.db.patch(handoverId, {"summary": summary})
