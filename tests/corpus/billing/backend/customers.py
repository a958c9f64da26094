"""Customers."""

from convexity.values import UNSET, ConvexError, Int64, Unset, v

from ._generated.api import internal
from ._generated.data_model import Customers, CustomersDoc, CustomersPatch, Id
from ._generated.server import (
    MutationCtx,
    QueryCtx,
    internal_mutation,
    internal_query,
    mutation,
    query,
)
from .money import Currency
from .schema import schema

_customer = schema.doc("customers")


async def by_email(ctx: QueryCtx, email: str) -> CustomersDoc | None:
    """The customer with an e-mail address."""
    return await ctx.db.query("customers").with_index("by_email").eq("email", email).unique()


async def signed_in(ctx: QueryCtx) -> CustomersDoc:
    """The customer who is calling."""
    identity = await ctx.auth.get_user_identity()
    email = identity.get("email") if identity else None
    customer = await by_email(ctx, email) if email else None
    if customer is None:
        raise ConvexError("sign in first")
    return customer


@mutation(
    args={
        "email": v.string(),
        "name": v.string(),
        "currency": v.optional(v.literal("eur", "usd", "gbp")),
    },
    returns=v.id("customers"),
)
async def sign_up(
    ctx: MutationCtx, email: str, name: str, currency: Currency = "eur"
) -> Id[Customers]:
    """Become a customer; a known e-mail address gives the customer who has it."""
    known = await by_email(ctx, email.strip().lower())
    if known is not None:
        return known["_id"]
    customer = await ctx.db.insert(
        "customers",
        {
            "email": email.strip().lower(),
            "name": name,
            "balance": {"currency": currency, "minor": Int64(0)},
        },
    )
    await ctx.scheduler.run_after(0, internal.payments.create_customer, customer=customer)
    return customer


@query(args={}, returns=_customer)
async def me(ctx: QueryCtx) -> CustomersDoc:
    """The caller."""
    return await signed_in(ctx)


@mutation(
    args={
        "name": v.optional(v.string()),
        "taxId": v.optional(v.nullable(v.string())),
    },
    returns=v.null(),
)
async def update(
    ctx: MutationCtx, name: str | None = None, taxId: str | Unset | None = UNSET
) -> None:
    """Change what is given."""
    customer = await signed_in(ctx)
    patch: CustomersPatch = {}
    if name is not None:
        patch["name"] = name
    if taxId is not UNSET:
        patch["taxId"] = taxId
    await ctx.db.patch(customer["_id"], patch)


@internal_mutation(args={"customer": v.id("customers"), "providerId": v.string()}, returns=v.null())
async def link(ctx: MutationCtx, customer: Id[Customers], providerId: str) -> None:
    """Remember what the provider calls a customer."""
    await ctx.db.patch(customer, {"providerId": providerId})


@internal_query(args={"customer": v.id("customers")}, returns=v.nullable(_customer))
async def load(ctx: QueryCtx, customer: Id[Customers]) -> CustomersDoc | None:
    """A customer, for actions."""
    return await ctx.db.get(customer)
