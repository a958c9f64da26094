"""Taking books home and bringing them back."""

from typing import TypeAlias

from convexity.values import ConvexError, v

from .._generated import data_model as dm
from .._generated.server import MutationCtx, QueryCtx, internal_mutation, mutation, query
from ..people.desk import caller, holder
from ..schema import schema
from . import due_after, fine
from .rules import MOST_RENEWALS

LoanId: TypeAlias = dm.Id[dm.Loans]

_loan = schema.doc("loans")


async def _current(ctx: QueryCtx, copy: dm.Id[dm.Copies]) -> dm.LoansDoc | None:
    loans = ctx.db.query("loans").with_index("by_copyId_and_returned").eq("copyId", copy)
    return await loans.eq("returned", None).unique()


@query(args={}, returns=v.array(_loan))
async def mine(ctx: QueryCtx) -> list[dm.LoansDoc]:
    """What the caller has at home."""
    reader = await caller(ctx)
    loans = ctx.db.query("loans").with_index("by_readerId_and_returned")
    return await loans.eq("readerId", reader["_id"]).eq("returned", None).take(100)


@internal_mutation(args={"copyId": v.id("copies"), "card": v.string()}, returns=v.id("loans"))
async def lend(ctx: MutationCtx, copyId: dm.Id[dm.Copies], card: str) -> LoanId:
    """Give a copy to the holder of a card."""
    reader = await holder(ctx, card)
    copy = await ctx.db.get(copyId)
    if copy is None or copy["state"] != "in":
        raise ConvexError({"code": "not_here"})
    title = await ctx.db.get(copy["titleId"])
    await ctx.db.patch(copyId, {"state": "out"})
    return await ctx.db.insert(
        "loans",
        {
            "copyId": copyId,
            "readerId": reader["_id"],
            "due": due_after(ctx.now().date(), title["medium"] if title else "book"),
            "renewals": 0,
            "returned": None,
        },
    )


@internal_mutation(args={"copyId": v.id("copies")}, returns=v.number())
async def take_back(ctx: MutationCtx, copyId: dm.Id[dm.Copies]) -> float:
    """Take a copy back; returns the fine."""
    loan = await _current(ctx, copyId)
    if loan is None:
        raise ConvexError({"code": "not_lent"})
    today = ctx.now().date()
    owed = fine(loan["due"], today)
    await ctx.db.patch(loan["_id"], {"returned": today.isoformat()})
    await ctx.db.patch(copyId, {"state": "in"})
    reader = await ctx.db.get(loan["readerId"])
    if owed and reader is not None:
        await ctx.db.patch(reader["_id"], {"owes": reader["owes"] + owed})
    return owed


@mutation(args={"loanId": v.id("loans")}, returns=v.string())
async def renew(ctx: MutationCtx, loanId: LoanId) -> str:
    """Keep a copy longer; returns the new last day."""
    reader = await caller(ctx)
    loan = await ctx.db.get(loanId)
    if loan is None or loan["readerId"] != reader["_id"]:
        raise ConvexError({"code": "not_yours"})
    if loan["renewals"] >= MOST_RENEWALS:
        raise ConvexError({"code": "too_often"})
    due = due_after(ctx.now().date(), "magazine")
    await ctx.db.patch(loanId, {"due": due, "renewals": loan["renewals"] + 1})
    return due


@query(args={}, returns=v.boolean())
async def may_borrow(ctx: QueryCtx) -> bool:
    """Whether the caller owes little enough."""
    return (await caller(ctx))["owes"] < 10


@mutation(args={"titleId": v.id("titles")}, returns=v.id("holds"))
async def hold(ctx: MutationCtx, titleId: dm.Id[dm.Titles]) -> dm.Id[dm.Holds]:
    """Wait for a title."""
    reader = await caller(ctx)
    waiting = ctx.db.query("holds").with_index("by_titleId_and_readerId").eq("titleId", titleId)
    known = await waiting.eq("readerId", reader["_id"]).unique()
    if known is not None:
        return known["_id"]
    return await ctx.db.insert("holds", {"titleId": titleId, "readerId": reader["_id"]})


@query(args={"titleId": v.id("titles")}, returns=v.number())
async def queue_length(ctx: QueryCtx, titleId: dm.Id[dm.Titles]) -> int:
    """How many readers wait for a title."""
    waiting = ctx.db.query("holds").with_index("by_titleId_and_readerId").eq("titleId", titleId)
    return len(await waiting.take(200))


@internal_mutation(args={"limit": v.number()}, returns=v.number())
async def give_up(ctx: MutationCtx, limit: int) -> int:
    """Note copies as lost whose loans are long over; returns how many."""
    today = ctx.now().date()
    late = ctx.db.query("loans").with_index("by_returned_and_due").eq("returned", None)
    lost = 0
    for loan in await late.lt("due", today.replace(year=today.year - 1).isoformat()).take(limit):
        await ctx.db.patch(loan["copyId"], {"state": "lost"})
        lost += 1
    return lost
