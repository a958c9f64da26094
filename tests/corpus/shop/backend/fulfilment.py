"""From payment to the parcel."""

from datetime import timedelta

from convexity.values import ConvexError, to_millis
from convexity.values import v as validate

from ._generated import api, data_model
from ._generated import server as convex
from .types import OrdersDraftLinesItem, ProductId

_order = {"order": validate.id("orders")}
PATIENCE = timedelta(days=2)


@convex.internal_query(
    args=_order, returns=validate.record(validate.id("products"), validate.number())
)
async def pick_list(
    ctx: convex.QueryCtx, order: data_model.Id[data_model.Orders]
) -> dict[ProductId, float]:
    """How many pieces of which product an order is for."""
    found = await ctx.db.get(order)
    pieces: dict[ProductId, float] = {}
    for line in found["lines"] if found is not None else []:
        pieces[line["product"]] = pieces.get(line["product"], 0) + line["quantity"]
    return pieces


@convex.mutation(args=_order, returns=validate.null())
async def cancel(ctx: convex.MutationCtx, order: data_model.Id[data_model.Orders]) -> None:
    """Call off a draft."""
    found = await ctx.db.get(order)
    if found is None or found["state"] != "draft":
        raise ConvexError("only drafts can be cancelled")
    await ctx.db.replace(order, {"state": "cancelled", "lines": found["lines"], "reason": None})


@convex.internal_mutation(args={**_order, "reason": validate.string()}, returns=validate.null())
async def reject(
    ctx: convex.MutationCtx, order: data_model.Id[data_model.Orders], reason: str
) -> None:
    """Cancel an order for a reason."""
    found = await ctx.db.get(order)
    if found is None or found["state"] == "cancelled":
        return
    await ctx.db.replace(order, {"state": "cancelled", "lines": found["lines"], "reason": reason})


@convex.mutation(args=_order, returns=validate.id("orders"))
async def again(
    ctx: convex.MutationCtx, order: data_model.Id[data_model.Orders]
) -> data_model.Id[data_model.Orders]:
    """Draft the same order with the prices of today."""
    found = await ctx.db.get(order)
    if found is None:
        raise ConvexError("no such order")
    lines: list[OrdersDraftLinesItem] = []
    for line in found["lines"]:
        product = await ctx.db.get(line["product"])
        if product is not None:
            lines.append(
                {
                    "product": line["product"],
                    "quantity": line["quantity"],
                    "price": product["price"],
                }
            )
    return await ctx.db.insert("orders", {"state": "draft", "lines": lines})


@convex.mutation(args=_order, returns=validate.null())
async def reserve(ctx: convex.MutationCtx, order: data_model.Id[data_model.Orders]) -> None:
    """Keep a draft for two days."""
    found = await ctx.db.get(order)
    if found is None:
        raise ConvexError("no such order")
    await ctx.scheduler.run_after(
        PATIENCE, api.internal.fulfilment.reject, order=order, reason="not paid in time"
    )


@convex.internal_query(args={"days": validate.number()}, returns=validate.number())
async def paid_since(ctx: convex.QueryCtx, days: float) -> int:
    """How many of the last hundred paid orders were paid in some days."""
    since = to_millis(ctx.now() - timedelta(days=days))
    paid = await ctx.db.query("orders").with_index("by_state").eq("state", "paid").take(100)
    return sum(order["state"] == "paid" and order["paidAt"] >= since for order in paid)
