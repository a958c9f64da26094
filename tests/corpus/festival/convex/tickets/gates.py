"""Showing tickets at the gates."""

from __future__ import annotations

import typing as t

from convexity.values import to_millis, v

from .. import schema as tables
from .._generated import server as s
from ..shared import require_staff
from . import find_ticket, is_code

if t.TYPE_CHECKING:
    from .._generated import data_model as model

Answer = t.Literal["welcome", "used", "void", "unknown"]
_answer = v.literal("welcome", "used", "void", "unknown")


@s.query(args={"code": v.string()}, returns=v.boolean())
async def looks_right(ctx: s.QueryCtx, code: str) -> bool:
    """Whether a code was typed without a slip."""
    return is_code(code)


@s.mutation(args={"code": v.string(), "gate": v.string()}, returns=_answer)
async def scan(ctx: s.MutationCtx, code: str, gate: str) -> Answer:
    """Let somebody in, once."""
    await require_staff(ctx)
    ticket = await find_ticket(ctx, code) if is_code(code) else None
    if ticket is None:
        return "unknown"
    kind = ticket["state"]["kind"]
    await ctx.db.insert(
        "scans", {"ticketId": ticket["_id"], "gate": gate, "accepted": kind == "valid"}
    )
    if kind == "valid":
        used_at = to_millis(ctx.now())
        await ctx.db.patch(ticket["_id"], {"state": {"kind": "used", "gate": gate, "at": used_at}})
        return "welcome"
    return "used" if kind == "used" else "void"


@s.query(args={"ticket": v.id("tickets")}, returns=v.array(tables.schema.doc("scans")))
async def scans_of(ctx: s.QueryCtx, ticket: model.Id[model.Tickets]) -> list[model.ScansDoc]:
    """When a ticket was shown."""
    await require_staff(ctx)
    return await ctx.db.query("scans").with_index("by_ticketId").eq("ticketId", ticket).take(100)


@s.query(args={"code": v.string()}, returns=v.nullable(v.string()))
async def state(ctx: s.QueryCtx, code: str) -> str | None:
    """What became of a ticket."""
    ticket = await find_ticket(ctx, code)
    if ticket is None:
        return None
    found = ticket["state"]
    return found["gate"] if found["kind"] == "used" else found["kind"]
