"""Invoices from draft to receipt."""

from datetime import timedelta

from convexity.server import (
    PaginationOptions,
    PaginationResult,
    pagination_opts_validator,
    pagination_result_validator,
)
from convexity.values import ConvexError, Int64, Value, to_millis, v

from ._generated.api import internal
from ._generated.data_model import (
    Id,
    Invoices,
    InvoicesDoc,
    InvoicesDraftDoc,
    InvoicesOpenFields,
    InvoicesPaidFields,
    Storage,
)
from ._generated.server import (
    MutationCtx,
    QueryCtx,
    internal_mutation,
    internal_query,
    mutation,
    query,
)
from .customers import signed_in
from .money import Line, total
from .schema import schema

TERMS = timedelta(days=14)


async def _next_number(ctx: MutationCtx) -> str:
    counter = await ctx.db.query("counters").with_index("by_name").eq("name", "invoice").unique()
    if counter is None:
        await ctx.db.insert("counters", {"name": "invoice", "next": Int64(2)})
        return "INV-1"
    await ctx.db.patch(counter["_id"], {"next": Int64(counter["next"] + 1)})
    return f"INV-{counter['next']}"


async def _draft(ctx: MutationCtx, invoice: Id[Invoices]) -> InvoicesDraftDoc:
    found = await ctx.db.get(invoice)
    if found is None or found["status"] != "draft":
        raise ConvexError("no such draft")
    return found


@internal_mutation(args={"invoice": v.id("invoices"), "line": v.object(Line)}, returns=v.int64())
async def add_line(ctx: MutationCtx, invoice: Id[Invoices], line: Line) -> Int64:
    """Add a line to a draft; returns the new total in minor units."""
    draft = await _draft(ctx, invoice)
    lines: list[Line] = [*draft["lines"], line]
    await ctx.db.replace(
        invoice, {"status": "draft", "customer": draft["customer"], "lines": lines}
    )
    return total(lines)


@internal_mutation(args={"invoice": v.id("invoices")}, returns=v.string())
async def finalise(ctx: MutationCtx, invoice: Id[Invoices]) -> str:
    """Give a draft its number and a date by which it is to be paid."""
    draft = await _draft(ctx, invoice)
    number = await _next_number(ctx)
    opened: InvoicesOpenFields = {
        "status": "open",
        "customer": draft["customer"],
        "lines": draft["lines"],
        "dueAt": to_millis(ctx.now() + TERMS),
        "number": number,
    }
    await ctx.db.replace(invoice, opened)
    await ctx.scheduler.run_after(
        timedelta(minutes=5), internal.payments.collect_invoice, invoice=invoice
    )
    return number


@internal_mutation(
    args={"invoice": v.id("invoices"), "receipt": v.optional(v.id("_storage"))},
    returns=v.boolean(),
)
async def mark_paid(
    ctx: MutationCtx, invoice: Id[Invoices], receipt: Id[Storage] | None = None
) -> bool:
    """Note a payment; returns whether the invoice was open."""
    found = await ctx.db.get(invoice)
    if found is None or found["status"] != "open":
        return False
    paid: InvoicesPaidFields = {
        "status": "paid",
        "customer": found["customer"],
        "lines": found["lines"],
        "paidAt": to_millis(ctx.now()),
        "number": found["number"],
    }
    if receipt is not None:
        paid["receipt"] = receipt
    await ctx.db.replace(invoice, paid)
    return True


@query(
    args={"paginationOpts": pagination_opts_validator},
    returns=pagination_result_validator(schema.doc("invoices")),
)
async def history(
    ctx: QueryCtx, paginationOpts: PaginationOptions
) -> PaginationResult[InvoicesDoc]:
    """Paid invoices of the caller."""
    customer = await signed_in(ctx)
    return (
        await ctx.db.query("invoices")
        .with_index("by_customer_and_status")
        .eq("customer", customer["_id"])
        .eq("status", "paid")
        .order("desc")
        .paginate(paginationOpts)
    )


@query(args={"invoice": v.id("invoices")}, returns=v.nullable(v.string()))
async def receipt_url(ctx: QueryCtx, invoice: Id[Invoices]) -> str | None:
    """Where the receipt of a paid invoice can be fetched."""
    customer = await signed_in(ctx)
    found = await ctx.db.get(invoice)
    if found is None or found["customer"] != customer["_id"] or found["status"] != "paid":
        return None
    receipt = found.get("receipt")
    return None if receipt is None else await ctx.storage.get_url(receipt)


@internal_query(args={"invoice": v.id("invoices")}, returns=v.int64())
async def amount_due(ctx: QueryCtx, invoice: Id[Invoices]) -> Int64:
    """What is still to be paid."""
    found = await ctx.db.get(invoice)
    if found is None or found["status"] != "open":
        return Int64(0)
    return total(found["lines"])


@internal_mutation(args={"limit": v.number()}, returns=v.number())
async def chase_overdue(ctx: MutationCtx, limit: int) -> int:
    """Ask again for what is overdue."""
    overdue = (
        await ctx.db.query("invoices")
        .with_index("by_status_and_dueAt")
        .eq("status", "open")
        .lt("dueAt", to_millis(ctx.now()))
        .take(limit)
    )
    for invoice in overdue:
        await ctx.scheduler.run_after(0, internal.payments.collect_invoice, invoice=invoice["_id"])
    return len(overdue)


@mutation(args={"invoice": v.id("invoices"), "answer": v.any()}, returns=v.null())
async def dispute(ctx: MutationCtx, invoice: Id[Invoices], answer: Value) -> None:
    """Tell that an invoice is wrong."""
    customer = await signed_in(ctx)
    found = await ctx.db.get(invoice)
    if found is None or found["customer"] != customer["_id"]:
        raise ConvexError("no such invoice")
    await ctx.db.insert(
        "events",
        {
            "providerEventId": f"dispute:{invoice}",
            "type": "dispute",
            "payload": answer,
            "handledAt": None,
        },
    )
