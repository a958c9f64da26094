"""Deals on their way."""

from convexity.values import ConvexError, to_millis, v

from .._generated.api import internal
from .._generated.data_model import Contacts, Deals, DealsDoc, Id, Workspaces
from .._generated.server import MutationCtx, QueryCtx, internal_mutation, mutation, query
from ..lib import require_member
from ..schema import schema
from .stages import OPEN, Stage, may_follow, stage

deal_id = {"dealId": v.id("deals")}


@mutation(
    args={"contactId": v.id("contacts"), "title": v.string(), "amount": v.number()},
    returns=v.id("deals"),
)
async def start(ctx: MutationCtx, contactId: Id[Contacts], title: str, amount: float) -> Id[Deals]:
    """Begin a deal with a contact."""
    contact = await ctx.db.get(contactId)
    if contact is None:
        raise ConvexError({"code": "no_contact"})
    caller = await require_member(ctx, contact["workspaceId"])
    if amount < 0:
        raise ConvexError({"code": "negative_amount", "amount": amount})
    return await ctx.db.insert(
        "deals",
        {
            "workspaceId": contact["workspaceId"],
            "contactId": contactId,
            "title": title,
            "amount": amount,
            "stage": "lead",
            "ownerId": caller["user"]["_id"],
        },
    )


@mutation(args={**deal_id, "to": stage}, returns=v.null())
async def advance(ctx: MutationCtx, dealId: Id[Deals], to: Stage) -> None:
    """Bring a deal to another stage."""
    deal = await ctx.db.get(dealId)
    if deal is None:
        raise ConvexError({"code": "no_deal"})
    await require_member(ctx, deal["workspaceId"])
    if not may_follow(deal["stage"], to):
        raise ConvexError({"code": "bad_stage", "from": deal["stage"], "to": to})
    await ctx.db.patch(dealId, {"stage": to})
    if to in ("won", "lost"):
        await ctx.db.patch(dealId, {"closedAt": to_millis(ctx.now())})
        await ctx.scheduler.run_after(0, internal.deals.pipeline.log_close, dealId=dealId)


@internal_mutation(args=deal_id, returns=v.null())
async def log_close(ctx: MutationCtx, dealId: Id[Deals]) -> None:
    """Note that a deal is over."""
    deal = await ctx.db.get(dealId)
    if deal is None:
        return
    await ctx.db.insert(
        "notes",
        {
            "workspaceId": deal["workspaceId"],
            "about": {"kind": "deal", "id": dealId},
            "authorId": deal["ownerId"],
            "text": f"closed as {deal['stage']}",
        },
    )


@query(
    args={"workspaceId": v.id("workspaces"), "stage": stage},
    returns=v.array(schema.doc("deals")),
)
async def in_stage(ctx: QueryCtx, workspaceId: Id[Workspaces], stage: Stage) -> list[DealsDoc]:
    """The newest deals in a stage."""
    await require_member(ctx, workspaceId)
    deals = (
        ctx.db.query("deals")
        .with_index("by_workspaceId_and_stage")
        .eq("workspaceId", workspaceId)
        .eq("stage", stage)
    )
    return await deals.order("desc").take(100)


@query(
    args={"workspaceId": v.id("workspaces")},
    returns=v.record(v.string(), v.number()),
)
async def forecast(ctx: QueryCtx, workspaceId: Id[Workspaces]) -> dict[str, float]:
    """The sum of open deals by stage."""
    await require_member(ctx, workspaceId)
    sums: dict[str, float] = dict.fromkeys(OPEN, 0.0)
    for name in OPEN:
        deals = (
            ctx.db.query("deals")
            .with_index("by_workspaceId_and_stage")
            .eq("workspaceId", workspaceId)
            .eq("stage", name)
        )
        async for deal in deals:
            sums[name] += deal["amount"]
    return sums


@query(args={"stage": v.optional(stage)}, returns=v.array(schema.doc("deals")))
async def mine(ctx: QueryCtx, stage: Stage = "lead") -> list[DealsDoc]:
    """The deals of the caller in a stage."""
    identity = await ctx.auth.get_user_identity()
    if identity is None:
        return []
    user = (
        await ctx.db.query("users")
        .with_index("by_tokenIdentifier")
        .eq("tokenIdentifier", identity["tokenIdentifier"])
        .unique()
    )
    if user is None:
        return []
    return (
        await ctx.db.query("deals")
        .with_index("by_ownerId_and_stage")
        .eq("ownerId", user["_id"])
        .eq("stage", stage)
        .take(50)
    )
