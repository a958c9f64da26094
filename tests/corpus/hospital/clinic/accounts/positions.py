"""The positions of the invoices."""

from __future__ import annotations

from convexity.server import (
    PaginationOptions,
    PaginationResult,
    pagination_opts_validator,
    pagination_result_validator,
)
from convexity.values import ConvexError, to_millis, v

from .._generated.data_model import Id, Invoices, Positions, PositionsDoc, PositionsPatch
from .._generated.server import MutationCtx, QueryCtx, mutation, query
from ..lib import access
from ..schema import schema


async def _position(ctx: QueryCtx, position_id: Id[Positions]) -> PositionsDoc:
    await access.require_staff(ctx)
    found = await ctx.db.get(position_id)
    if found is None:
        raise ConvexError({"code": "no_position"})
    return found


@mutation(
    args={"invoiceId": v.id("invoices"), "label": v.string(), "price": v.number()},
    returns=v.id("positions"),
)
async def add(ctx: MutationCtx, invoiceId: Id[Invoices], label: str, price: float) -> Id[Positions]:
    """Add a position."""
    await access.require_staff(ctx)
    if await ctx.db.get(invoiceId) is None:
        raise ConvexError({"code": "no_invoice"})
    return await ctx.db.insert(
        "positions",
        {
            "invoiceId": invoiceId,
            "label": label.strip(),
            "price": price,
            "addedAt": to_millis(ctx.now()),
        },
    )


@query(
    args={"invoiceId": v.id("invoices"), "paginationOpts": pagination_opts_validator},
    returns=pagination_result_validator(schema.doc("positions")),
)
async def of_invoice(
    ctx: QueryCtx, invoiceId: Id[Invoices], paginationOpts: PaginationOptions
) -> PaginationResult[PositionsDoc]:
    """The positions of an invoice in pages."""
    await access.require_staff(ctx)
    return (
        await ctx.db.query("positions")
        .with_index("by_invoiceId_and_addedAt")
        .eq("invoiceId", invoiceId)
        .order("desc")
        .paginate(paginationOpts)
    )


@mutation(
    args={
        "positionId": v.id("positions"),
        "label": v.optional(v.string()),
        "price": v.optional(v.number()),
    },
    returns=v.null(),
)
async def update(
    ctx: MutationCtx,
    positionId: Id[Positions],
    label: str | None = None,
    price: float | None = None,
) -> None:
    """Change what is given of a position."""
    await _position(ctx, positionId)
    changes: PositionsPatch = {}
    if label is not None:
        changes["label"] = label
    if price is not None:
        changes["price"] = price
    await ctx.db.patch(positionId, changes)


@mutation(args={"positionId": v.id("positions")}, returns=v.null())
async def remove(ctx: MutationCtx, positionId: Id[Positions]) -> None:
    """Delete a position."""
    position = await _position(ctx, positionId)
    await ctx.db.delete(position["_id"])


@query(args={"invoiceId": v.id("invoices")}, returns=v.number())
async def total_price(ctx: QueryCtx, invoiceId: Id[Invoices]) -> float:
    """The sum of price."""
    await access.require_staff(ctx)
    total = 0.0
    async for position in (
        ctx.db.query("positions").with_index("by_invoiceId_and_addedAt").eq("invoiceId", invoiceId)
    ):
        total += position["price"]
    return total


@query(args={"invoiceId": v.id("invoices")}, returns=v.nullable(schema.doc("positions")))
async def largest(ctx: QueryCtx, invoiceId: Id[Invoices]) -> PositionsDoc | None:
    """The position with the greatest price."""
    await access.require_staff(ctx)
    ranked = (
        ctx.db.query("positions").with_index("by_invoiceId_and_price").eq("invoiceId", invoiceId)
    )
    return await ranked.order("desc").first()
