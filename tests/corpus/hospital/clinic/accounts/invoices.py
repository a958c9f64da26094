"""The invoices of the patients."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from convexity.server import (
    PaginationOptions,
    PaginationResult,
    pagination_opts_validator,
    pagination_result_validator,
)
from convexity.values import ConvexError, to_millis, v

from .._generated.api import internal
from .._generated.server import MutationCtx, QueryCtx, internal_mutation, mutation, query
from ..lib import access
from ..schema import schema
from .states import InvoiceState as State
from .states import invoice_state as state

if TYPE_CHECKING:
    from .._generated.data_model import Id, Invoices, InvoicesDoc, Patients

LATER = timedelta(hours=1)
_NEXT: Final[dict[State, tuple[State, ...]]] = {
    "draft": ("sent", "void"),
    "sent": ("paid", "void"),
    "paid": ("void",),
    "void": (),
}


async def _invoice(ctx: QueryCtx, invoice_id: Id[Invoices]) -> InvoicesDoc:
    await access.require_staff(ctx)
    found = await ctx.db.get(invoice_id)
    if found is None:
        raise ConvexError({"code": "no_invoice"})
    return found


@mutation(
    args={"patientId": v.id("patients"), "subject": v.string(), "total": v.number()},
    returns=v.id("invoices"),
)
async def draft(
    ctx: MutationCtx, patientId: Id[Patients], subject: str, total: float
) -> Id[Invoices]:
    """Draft an invoice."""
    await access.require_staff(ctx)
    if await ctx.db.get(patientId) is None:
        raise ConvexError({"code": "no_patient"})
    return await ctx.db.insert(
        "invoices",
        {
            "patientId": patientId,
            "subject": subject.strip(),
            "total": total,
            "issuedAt": to_millis(ctx.now()),
            "state": "draft",
        },
    )


@query(args={"invoiceId": v.id("invoices")}, returns=schema.doc("invoices"))
async def get(ctx: QueryCtx, invoiceId: Id[Invoices]) -> InvoicesDoc:
    """One invoice."""
    return await _invoice(ctx, invoiceId)


@query(
    args={"patientId": v.id("patients"), "paginationOpts": pagination_opts_validator},
    returns=pagination_result_validator(schema.doc("invoices")),
)
async def of_patient(
    ctx: QueryCtx, patientId: Id[Patients], paginationOpts: PaginationOptions
) -> PaginationResult[InvoicesDoc]:
    """The invoices of a patient in pages."""
    await access.require_staff(ctx)
    return (
        await ctx.db.query("invoices")
        .with_index("by_patientId_and_issuedAt")
        .eq("patientId", patientId)
        .order("desc")
        .paginate(paginationOpts)
    )


@mutation(args={"invoiceId": v.id("invoices"), "to": state}, returns=v.boolean())
async def set_state(ctx: MutationCtx, invoiceId: Id[Invoices], to: State) -> bool:
    """Bring an invoice into another state; returns whether it was in another one."""
    invoice = await _invoice(ctx, invoiceId)
    if invoice["state"] == to:
        return False
    if to not in _NEXT[invoice["state"]]:
        raise ConvexError({"code": "bad_state", "to": to})
    await ctx.db.patch(invoiceId, {"state": to, "issuedAt": to_millis(ctx.now())})
    return True


@query(
    args={"patientId": v.id("patients"), "state": state}, returns=v.array(schema.doc("invoices"))
)
async def with_state(ctx: QueryCtx, patientId: Id[Patients], state: State) -> list[InvoicesDoc]:
    """The newest invoices in a state."""
    await access.require_staff(ctx)
    return (
        await ctx.db.query("invoices")
        .with_index("by_patientId_and_state")
        .eq("patientId", patientId)
        .eq("state", state)
        .order("desc")
        .take(100)
    )


@query(
    args={"patientId": v.id("patients"), "start": v.number(), "end": v.number()},
    returns=v.array(schema.doc("invoices")),
)
async def between(
    ctx: QueryCtx, patientId: Id[Patients], start: float, end: float
) -> list[InvoicesDoc]:
    """The invoices of a time, the oldest first."""
    await access.require_staff(ctx)
    if end <= start:
        return []
    return (
        await ctx.db.query("invoices")
        .with_index("by_patientId_and_issuedAt")
        .eq("patientId", patientId)
        .gte("issuedAt", start)
        .lt("issuedAt", end)
        .take(200)
    )


@query(args={"patientId": v.id("patients")}, returns=v.number())
async def total_total(ctx: QueryCtx, patientId: Id[Patients]) -> float:
    """The sum of total."""
    await access.require_staff(ctx)
    total = 0.0
    async for invoice in (
        ctx.db.query("invoices").with_index("by_patientId_and_issuedAt").eq("patientId", patientId)
    ):
        total += invoice["total"]
    return total


@mutation(args={"invoiceId": v.id("invoices")}, returns=v.null())
async def remind(ctx: MutationCtx, invoiceId: Id[Invoices]) -> None:
    """Have somebody told of an invoice in an hour."""
    invoice = await _invoice(ctx, invoiceId)
    await ctx.scheduler.run_after(LATER, internal.accounts.invoices.tell, invoiceId=invoice["_id"])


@internal_mutation(args={"invoiceId": v.id("invoices")}, returns=v.null())
async def tell(ctx: MutationCtx, invoiceId: Id[Invoices]) -> None:
    """Put an invoice on the list of messages."""
    invoice = await ctx.db.get(invoiceId)
    if invoice is not None:
        await ctx.db.insert(
            "messages",
            {
                "about": "invoice",
                "text": invoice["subject"],
                "at": to_millis(ctx.now()),
                "seen": False,
            },
        )


@query(args={"text": v.string()}, returns=v.array(schema.doc("invoices")))
async def search(ctx: QueryCtx, text: str) -> list[InvoicesDoc]:
    """The invoices whose subject holds words."""
    await access.require_staff(ctx)
    return (
        await ctx.db.query("invoices")
        .with_search_index("search_subject")
        .search("subject", text)
        .take(15)
    )
