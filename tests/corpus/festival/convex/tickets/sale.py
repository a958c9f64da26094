"""Selling tickets."""

from __future__ import annotations

import typing as t

from convexity.values import ConvexError, to_millis, v

from .. import schema as tables
from .._generated import server as s
from ..shared import require_holder
from . import find_ticket, new_code

if t.TYPE_CHECKING:
    from .._generated import data_model as model

Day = t.Literal["fri", "sat", "sun"]
_days = v.array(v.union(v.literal("fri"), v.literal("sat"), v.literal("sun")))


@s.mutation(args={"days": _days}, returns=v.string())
async def buy(ctx: s.MutationCtx, days: list[Day]) -> str:
    """Get a ticket; returns its code."""
    holder = await require_holder(ctx)
    if not days:
        raise ConvexError({"code": "no_days"})
    code = new_code()
    while await find_ticket(ctx, code) is not None:
        code = new_code()
    await ctx.db.insert(
        "tickets",
        {
            "holder": holder,
            "code": code,
            "days": days,
            "state": {"kind": "valid", "since": to_millis(ctx.now())},
        },
    )
    return code


@s.mutation(args={"code": v.string()}, returns=v.boolean())
async def give_back(ctx: s.MutationCtx, code: str) -> bool:
    """Return a ticket that was not used; returns whether that was possible."""
    holder = await require_holder(ctx)
    ticket = await find_ticket(ctx, code)
    if ticket is None or ticket["holder"] != holder or ticket["state"]["kind"] != "valid":
        return False
    await ctx.db.patch(ticket["_id"], {"state": {"kind": "void", "why": "given back"}})
    return True


@s.query(args={}, returns=v.array(tables.schema.doc("tickets")))
async def mine(ctx: s.QueryCtx) -> list[model.TicketsDoc]:
    """The tickets of the caller."""
    holder = await require_holder(ctx)
    return await ctx.db.query("tickets").with_index("by_holder").eq("holder", holder).take(50)


@s.internal_mutation(args={"limit": v.number()}, returns=v.number())
async def sweep(ctx: s.MutationCtx, limit: int) -> int:
    """Delete tickets that are void; returns how many."""
    found = await ctx.db.query("tickets").take(limit)
    void = [ticket for ticket in found if ticket["state"]["kind"] == "void"]
    for ticket in void:
        await ctx.db.delete(ticket["_id"])
    return len(void)
