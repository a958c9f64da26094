"""Subscriptions and their renewal."""

from datetime import timedelta

from convexity.values import ConvexError, to_millis, v

from ._generated.api import internal
from ._generated.data_model import Id, Plans, PlansDoc, Subscriptions, SubscriptionsDoc
from ._generated.server import MutationCtx, QueryCtx, internal_mutation, mutation, query
from .customers import signed_in
from .schema import schema

PERIODS = {"month": timedelta(days=30), "year": timedelta(days=365)}
BATCH = 100


async def _own(ctx: QueryCtx, subscription: Id[Subscriptions]) -> SubscriptionsDoc:
    customer = await signed_in(ctx)
    found = await ctx.db.get(subscription)
    if found is None or found["customer"] != customer["_id"]:
        raise ConvexError("no such subscription")
    return found


def _next_renewal(plan: PlansDoc, start: float) -> float:
    return start + PERIODS[plan["period"]].total_seconds() * 1000


@mutation(
    args={"plan": v.id("plans"), "seats": v.optional(v.number())}, returns=v.id("subscriptions")
)
async def subscribe(ctx: MutationCtx, plan: Id[Plans], seats: int = 1) -> Id[Subscriptions]:
    """Buy a plan for the caller."""
    customer = await signed_in(ctx)
    chosen = await ctx.db.get(plan)
    if chosen is None or chosen["retired"]:
        raise ConvexError("not on sale")
    return await ctx.db.insert(
        "subscriptions",
        {
            "customer": customer["_id"],
            "plan": plan,
            "status": "trialing",
            "seats": seats,
            "renewsAt": _next_renewal(chosen, to_millis(ctx.now())),
        },
    )


@mutation(args={"subscription": v.id("subscriptions"), "seats": v.number()}, returns=v.number())
async def change_seats(ctx: MutationCtx, subscription: Id[Subscriptions], seats: int) -> float:
    """Change the number of seats; returns what it was."""
    before = await _own(ctx, subscription)
    if seats < 1:
        raise ConvexError({"code": "too_few_seats", "minimum": 1})
    await ctx.db.patch(subscription, {"seats": seats})
    return before["seats"]


@mutation(args={"subscription": v.id("subscriptions")}, returns=v.null())
async def cancel(ctx: MutationCtx, subscription: Id[Subscriptions]) -> None:
    """End a subscription now."""
    await _own(ctx, subscription)
    await ctx.db.patch(subscription, {"status": "canceled"})


@query(args={}, returns=v.array(schema.doc("subscriptions")))
async def mine(ctx: QueryCtx) -> list[SubscriptionsDoc]:
    """Subscriptions of the caller."""
    customer = await signed_in(ctx)
    return (
        await ctx.db.query("subscriptions")
        .with_index("by_customer")
        .eq("customer", customer["_id"])
        .collect()
    )


@internal_mutation(args={}, returns=v.number())
async def renew_due(ctx: MutationCtx) -> int:
    """Renew what is due, a batch at a time; returns how many were renewed."""
    now = to_millis(ctx.now())
    due = (
        await ctx.db.query("subscriptions")
        .with_index("by_status_and_renewsAt")
        .eq("status", "active")
        .lte("renewsAt", now)
        .take(BATCH)
    )
    for subscription in due:
        plan = await ctx.db.get(subscription["plan"])
        if plan is None:
            await ctx.db.patch(subscription["_id"], {"status": "canceled"})
            continue
        await ctx.db.patch(
            subscription["_id"], {"renewsAt": _next_renewal(plan, subscription["renewsAt"])}
        )
        await ctx.db.insert(
            "invoices",
            {
                "status": "draft",
                "customer": subscription["customer"],
                "lines": [
                    {
                        "text": plan["code"],
                        "quantity": subscription["seats"],
                        "price": plan["price"],
                    }
                ],
            },
        )
    if len(due) == BATCH:
        await ctx.scheduler.run_after(timedelta(seconds=1), internal.subscriptions.renew_due)
    return len(due)
