"""Actions that talk to the payment provider."""

import json

from convexity.values import v

from ._generated.api import internal
from ._generated.data_model import Customers, Id, Invoices
from ._generated.server import ActionCtx, env, internal_action
from .providers.client import PaymentClient, ProviderError


def _client() -> PaymentClient:
    return PaymentClient(env.PROVIDER_URL, env.PROVIDER_KEY)


@internal_action(args={"customer": v.id("customers")}, returns=v.nullable(v.string()))
async def create_customer(ctx: ActionCtx, customer: Id[Customers]) -> str | None:
    """Tell the provider of a customer; returns what the provider calls them."""
    found = await ctx.run_query(internal.customers.load, customer=customer)
    if found is None:
        return None
    answer = await _client().post("/customers", {"email": found["email"], "name": found["name"]})
    provider_id = str(answer["id"])
    await ctx.run_mutation(internal.customers.link, customer=customer, providerId=provider_id)
    return provider_id


@internal_action(args={"invoice": v.id("invoices")}, returns=v.boolean())
async def collect_invoice(ctx: ActionCtx, invoice: Id[Invoices]) -> bool:
    """Collect the money of an open invoice; returns whether that went well."""
    due = await ctx.run_query(internal.invoices.amount_due, invoice=invoice)
    if due == 0:
        return False
    try:
        charge = await _client().post("/charges", {"amount": int(due), "reference": invoice})
    except ProviderError as problem:
        print(f"charge failed: {problem}")
        return False
    receipt = await ctx.storage.store(json.dumps(charge).encode(), content_type="application/json")
    return await ctx.run_mutation(internal.invoices.mark_paid, invoice=invoice, receipt=receipt)
