"""The payments of the invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity.server import (
    PaginationOptions,
    PaginationResult,
    pagination_opts_validator,
    pagination_result_validator,
)
from convexity.values import ConvexError, to_millis, v

from .._generated.server import MutationCtx, QueryCtx, internal_query, mutation, query
from ..lib import access
from ..schema import schema
from .states import PaymentState as State
from .states import payment_state as state

if TYPE_CHECKING:
    from .._generated.data_model import Id, Invoices, Payments, PaymentsDoc

_NEXT: Final[dict[State, tuple[State, ...]]] = {
    "announced": ("received",),
    "received": ("returned",),
    "returned": (),
}


async def _payment(ctx: QueryCtx, payment_id: Id[Payments]) -> PaymentsDoc:
    await access.require_staff(ctx)
    found = await ctx.db.get(payment_id)
    if found is None:
        raise ConvexError({"code": "no_payment"})
    return found


@mutation(
    args={
        "invoiceId": v.id("invoices"),
        "reference": v.string(),
        "sum": v.number(),
        "code": v.string(),
    },
    returns=v.id("payments"),
)
async def announce(
    ctx: MutationCtx, invoiceId: Id[Invoices], reference: str, sum: float, code: str
) -> Id[Payments]:
    """Announce a payment."""
    await access.require_staff(ctx)
    if await ctx.db.get(invoiceId) is None:
        raise ConvexError({"code": "no_invoice"})
    taken = ctx.db.query("payments").with_index("by_code").eq("code", code.upper())
    if await taken.first() is not None:
        raise ConvexError({"code": "code_taken", "given": code})
    return await ctx.db.insert(
        "payments",
        {
            "invoiceId": invoiceId,
            "reference": reference.strip(),
            "sum": sum,
            "receivedAt": to_millis(ctx.now()),
            "state": "announced",
            "code": code.upper(),
        },
    )


@query(
    args={"invoiceId": v.id("invoices"), "paginationOpts": pagination_opts_validator},
    returns=pagination_result_validator(schema.doc("payments")),
)
async def of_invoice(
    ctx: QueryCtx, invoiceId: Id[Invoices], paginationOpts: PaginationOptions
) -> PaginationResult[PaymentsDoc]:
    """The payments of an invoice in pages."""
    await access.require_staff(ctx)
    return (
        await ctx.db.query("payments")
        .with_index("by_invoiceId_and_receivedAt")
        .eq("invoiceId", invoiceId)
        .order("desc")
        .paginate(paginationOpts)
    )


@mutation(args={"paymentId": v.id("payments"), "to": state}, returns=v.boolean())
async def set_state(ctx: MutationCtx, paymentId: Id[Payments], to: State) -> bool:
    """Bring a payment into another state; returns whether it was in another one."""
    payment = await _payment(ctx, paymentId)
    if payment["state"] == to:
        return False
    if to not in _NEXT[payment["state"]]:
        raise ConvexError({"code": "bad_state", "to": to})
    await ctx.db.patch(paymentId, {"state": to, "receivedAt": to_millis(ctx.now())})
    return True


@query(
    args={"invoiceId": v.id("invoices"), "start": v.number(), "end": v.number()},
    returns=v.array(schema.doc("payments")),
)
async def between(
    ctx: QueryCtx, invoiceId: Id[Invoices], start: float, end: float
) -> list[PaymentsDoc]:
    """The payments of a time, the oldest first."""
    await access.require_staff(ctx)
    if end <= start:
        return []
    return (
        await ctx.db.query("payments")
        .with_index("by_invoiceId_and_receivedAt")
        .eq("invoiceId", invoiceId)
        .gte("receivedAt", start)
        .lt("receivedAt", end)
        .take(200)
    )


@query(args={"invoiceId": v.id("invoices")}, returns=v.number())
async def total_sum(ctx: QueryCtx, invoiceId: Id[Invoices]) -> float:
    """The sum of sum."""
    await access.require_staff(ctx)
    total = 0.0
    async for payment in (
        ctx.db.query("payments")
        .with_index("by_invoiceId_and_receivedAt")
        .eq("invoiceId", invoiceId)
    ):
        total += payment["sum"]
    return total


@query(args={"code": v.string()}, returns=v.nullable(schema.doc("payments")))
async def by_code(ctx: QueryCtx, code: str) -> PaymentsDoc | None:
    """The payment with a code, if there is one."""
    await access.require_staff(ctx)
    return await ctx.db.query("payments").with_index("by_code").eq("code", code.upper()).unique()


@internal_query(args={"paymentId": v.id("payments")}, returns=v.nullable(schema.doc("payments")))
async def load(ctx: QueryCtx, paymentId: Id[Payments]) -> PaymentsDoc | None:
    """One payment, for actions."""
    return await ctx.db.get(paymentId)
