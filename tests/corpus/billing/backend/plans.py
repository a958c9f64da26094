"""What can be bought."""

from convexity.values import ConvexError, v

from ._generated.data_model import Id, Plans, PlansDoc
from ._generated.server import MutationCtx, QueryCtx, internal_mutation, query
from .money import Price
from .schema import schema


@query(args={"code": v.string()}, returns=schema.doc("plans"))
async def by_code(ctx: QueryCtx, code: str) -> PlansDoc:
    """The plan with a code."""
    plan = await ctx.db.query("plans").with_index("by_code").eq("code", code).unique()
    if plan is None:
        raise ConvexError({"code": "no_plan", "plan": code})
    return plan


@query(args={}, returns=v.array(schema.doc("plans")))
async def on_sale(ctx: QueryCtx) -> list[PlansDoc]:
    """Plans that can be bought."""
    return [plan async for plan in ctx.db.query("plans") if not plan["retired"]]


@internal_mutation(
    args=v.object(
        code=v.string(),
        price=v.object(Price),
        yearly=v.optional(v.boolean()),
        features=v.array(v.string()),
    ),
    returns=v.id("plans"),
)
async def publish(
    ctx: MutationCtx, code: str, price: Price, features: list[str], yearly: bool = False
) -> Id[Plans]:
    """Put a plan on sale."""
    return await ctx.db.insert(
        "plans",
        {
            "code": code,
            "price": price,
            "period": "year" if yearly else "month",
            "features": dict.fromkeys(features, True),
            "retired": False,
        },
    )


@internal_mutation(args={"plan": v.id("plans")}, returns=v.null())
async def retire(ctx: MutationCtx, plan: Id[Plans]) -> None:
    """Take a plan off sale."""
    await ctx.db.patch(plan, {"retired": True})
