"""Readers and what they owe."""

from convexity.values import ConvexError, v

from .._generated import data_model as dm
from .._generated.server import MutationCtx, QueryCtx, internal_mutation, mutation, query
from ..schema import schema
from . import desk

_reader = schema.doc("readers")


@query(args={}, returns=_reader)
async def me(ctx: QueryCtx) -> dm.ReadersDoc:
    """The caller."""
    return await desk.caller(ctx)


@query(args={}, returns=v.number())
async def debt(ctx: QueryCtx) -> float:
    """What the caller owes."""
    return (await desk.caller(ctx))["owes"]


@mutation(args={"name": v.string()}, returns=v.null())
async def rename(ctx: MutationCtx, name: str) -> None:
    """Change the caller's name."""
    reader = await desk.caller(ctx)
    await ctx.db.patch(reader["_id"], {"name": name.strip() or reader["name"]})


@internal_mutation(args={"name": v.string(), "card": v.string()}, returns=v.id("readers"))
async def enrol(ctx: MutationCtx, name: str, card: str) -> dm.Id[dm.Readers]:
    """Give a new reader a card."""
    taken = ctx.db.query("readers").with_index("by_card").eq("card", card)
    if await taken.first() is not None:
        raise ConvexError({"code": "card_taken"})
    return await ctx.db.insert("readers", {"name": name, "card": card, "owes": 0})


@internal_mutation(args={"card": v.string(), "token": v.string()}, returns=v.null())
async def link(ctx: MutationCtx, card: str, token: str) -> None:
    """Let the holder of a card sign in."""
    reader = await desk.holder(ctx, card)
    await ctx.db.patch(reader["_id"], {"token": token})


@internal_mutation(args={"card": v.string(), "paid": v.number()}, returns=v.number())
async def settle(ctx: MutationCtx, card: str, paid: float) -> float:
    """Take money; returns what is still owed."""
    reader = await desk.holder(ctx, card)
    left = max(reader["owes"] - paid, 0.0)
    await ctx.db.patch(reader["_id"], {"owes": left})
    return left
