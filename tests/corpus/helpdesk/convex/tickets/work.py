"""What agents do with tickets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypedDict

from convexity.values import UNSET, ConvexError, to_millis, v

from .._generated.server import MutationCtx, QueryCtx, internal_query, mutation, query
from ..schema import schema
from ..validators import priority
from .access import current_agent, require_ticket

if TYPE_CHECKING:
    from .._generated.data_model import Agents, Id, Storage, Tickets, TicketsDoc

_ticket = {"ticketId": v.id("tickets")}


class Load(TypedDict):
    """How much an agent has to do."""

    name: str
    tickets: float


async def _log(ctx: MutationCtx, ticket: Id[Tickets], before: str, after: str) -> None:
    await ctx.db.insert(
        "ticket_events",
        {
            "ticketId": ticket,
            "event": {"kind": "status", "before": before, "after": after},
            "at": to_millis(ctx.now()),
        },
    )


@mutation(args={**_ticket, "agentId": v.id("agents")}, returns=v.null())
async def assign(ctx: MutationCtx, ticketId: Id[Tickets], agentId: Id[Agents]) -> None:
    """Give a ticket to an agent."""
    await require_ticket(ctx, ticketId)
    agent = await ctx.db.get(agentId)
    if agent is None:
        raise ConvexError({"code": "no_agent"})
    await ctx.db.patch(ticketId, {"assignee": agentId})
    await _log(ctx, ticketId, "unassigned", agent["name"])


@mutation(args=_ticket, returns=v.null())
async def release(ctx: MutationCtx, ticketId: Id[Tickets]) -> None:
    """Put a ticket back for others."""
    ticket = await require_ticket(ctx, ticketId)
    if ticket.get("assignee") is not None:
        await ctx.db.patch(ticketId, {"assignee": UNSET})


@mutation(args=_ticket, returns=v.null())
async def close(ctx: MutationCtx, ticketId: Id[Tickets]) -> None:
    """Finish a ticket."""
    await require_ticket(ctx, ticketId)
    await ctx.db.patch(ticketId, {"open": False})
    await _log(ctx, ticketId, "open", "closed")


@mutation(args=_ticket, returns=v.boolean())
async def reopen(ctx: MutationCtx, ticketId: Id[Tickets]) -> bool:
    """Open a ticket again; returns whether it was closed."""
    await current_agent(ctx)
    ticket = await ctx.db.get(ticketId)
    if ticket is None or ticket["open"]:
        return False
    await ctx.db.patch(ticketId, {"open": True})
    await _log(ctx, ticketId, "closed", "open")
    return True


@mutation(args={**_ticket, "priority": priority}, returns=v.null())
async def prioritise(
    ctx: MutationCtx, ticketId: Id[Tickets], priority: Literal["low", "normal", "urgent"]
) -> None:
    """Say how urgent a ticket is."""
    ticket = await require_ticket(ctx, ticketId)
    if ticket["priority"] != priority:
        await ctx.db.patch(ticketId, {"priority": priority})
        await _log(ctx, ticketId, ticket["priority"], priority)


@mutation(args={**_ticket, "label": v.string(), "value": v.nullable(v.string())}, returns=v.null())
async def label(ctx: MutationCtx, ticketId: Id[Tickets], label: str, value: str | None) -> None:
    """Set a label of a ticket; null takes it away."""
    ticket = await require_ticket(ctx, ticketId)
    labels = {name: text for name, text in ticket["labels"].items() if name != label}
    if value is not None:
        labels[label] = value
    await ctx.db.patch(ticketId, {"labels": labels})


@mutation(
    args={**_ticket, "text": v.string(), "private": v.optional(v.boolean())}, returns=v.null()
)
async def note(ctx: MutationCtx, ticketId: Id[Tickets], text: str, private: bool = False) -> None:
    """Write a note that the customer sees, unless it is private."""
    await require_ticket(ctx, ticketId)
    await ctx.db.insert(
        "ticket_events",
        {
            "ticketId": ticketId,
            "event": {"kind": "note", "text": text.strip(), "private": private},
            "at": to_millis(ctx.now()),
        },
    )


@mutation(args={**_ticket, "file": v.id("_storage"), "name": v.string()}, returns=v.boolean())
async def attach(ctx: MutationCtx, ticketId: Id[Tickets], file: Id[Storage], name: str) -> bool:
    """Add an uploaded file; returns whether it was there."""
    await require_ticket(ctx, ticketId)
    if await ctx.db.system.get(file) is None:
        return False
    await ctx.db.insert(
        "ticket_events",
        {
            "ticketId": ticketId,
            "event": {"kind": "attachment", "file": file, "name": name},
            "at": to_millis(ctx.now()),
        },
    )
    return True


@query(args={}, returns=v.array(schema.doc("tickets")))
async def mine(ctx: QueryCtx) -> list[TicketsDoc]:
    """The open tickets of the caller."""
    agent = await current_agent(ctx)
    tickets = ctx.db.query("tickets").with_index("by_assignee").eq("assignee", agent["_id"])
    return [ticket for ticket in await tickets.order("desc").take(200) if ticket["open"]]


@query(args=_ticket, returns=v.number())
async def age(ctx: QueryCtx, ticketId: Id[Tickets]) -> float:
    """For how many seconds a ticket is open."""
    ticket = await require_ticket(ctx, ticketId)
    return (to_millis(ctx.now()) - ticket["_creationTime"]) / 1000


@internal_query(args={}, returns=v.array(v.object(Load)))
async def load(ctx: QueryCtx) -> list[Load]:
    """How many tickets each agent has."""
    loads: list[Load] = []
    async for agent in ctx.db.query("agents"):
        tickets = ctx.db.query("tickets").with_index("by_assignee").eq("assignee", agent["_id"])
        loads.append({"name": agent["name"], "tickets": len(await tickets.take(100))})
    return loads


@internal_query(args={"token": v.string()}, returns=v.boolean())
async def is_agent(ctx: QueryCtx, token: str) -> bool:
    """Whether a token is that of an agent."""
    found = ctx.db.query("agents").with_index("by_token").eq("token", token)
    return await found.first() is not None
