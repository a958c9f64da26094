"""Companies that contacts work for."""

from convexity.values import UNSET, ConvexError, v

from .._generated.data_model import (
    Companies,
    CompaniesAddress,
    CompaniesDoc,
    ContactsCompaniesWithPeopleResult,
    ContactsDoc,
    Id,
    Workspaces,
)
from .._generated.server import MutationCtx, QueryCtx, mutation, query
from ..lib import access
from ..schema import schema
from . import validators


@mutation(
    args={
        "workspaceId": v.id("workspaces"),
        "name": v.string(),
        "domain": v.optional(v.string()),
    },
    returns=v.id("companies"),
)
async def register(
    ctx: MutationCtx, workspaceId: Id[Workspaces], name: str, domain: str | None = None
) -> Id[Companies]:
    """Write down a company; one with the same domain is taken instead."""
    await access.require_member(ctx, workspaceId)
    if domain is None:
        return await ctx.db.insert("companies", {"workspaceId": workspaceId, "name": name})
    same = (
        await ctx.db.query("companies")
        .with_index("by_workspaceId_and_domain")
        .eq("workspaceId", workspaceId)
        .eq("domain", domain.lower())
        .first()
    )
    if same is not None:
        return same["_id"]
    return await ctx.db.insert(
        "companies", {"workspaceId": workspaceId, "name": name, "domain": domain.lower()}
    )


@mutation(
    args={"companyId": v.id("companies"), "address": v.nullable(validators.address)},
    returns=v.null(),
)
async def move(
    ctx: MutationCtx, companyId: Id[Companies], address: CompaniesAddress | None
) -> None:
    """Set the address of a company; none removes it."""
    company = await ctx.db.get(companyId)
    if company is None:
        raise ConvexError({"code": "no_company"})
    await access.require_member(ctx, company["workspaceId"])
    await ctx.db.patch(companyId, {"address": address if address is not None else UNSET})


@query(
    args={"workspaceId": v.id("workspaces"), "text": v.string()},
    returns=v.array(schema.doc("companies")),
)
async def search(ctx: QueryCtx, workspaceId: Id[Workspaces], text: str) -> list[CompaniesDoc]:
    """Companies whose names hold a text."""
    await access.require_member(ctx, workspaceId)
    return (
        await ctx.db.query("companies")
        .with_search_index("search_name")
        .search("name", text)
        .eq("workspaceId", workspaceId)
        .take(20)
    )


@query(
    args={"companyId": v.id("companies")},
    returns=v.object(company=schema.doc("companies"), people=v.array(schema.doc("contacts"))),
)
async def with_people(ctx: QueryCtx, companyId: Id[Companies]) -> ContactsCompaniesWithPeopleResult:
    """A company and its first hundred people."""
    company = await ctx.db.get(companyId)
    if company is None:
        raise ConvexError({"code": "no_company"})
    await access.require_member(ctx, company["workspaceId"])
    people: list[ContactsDoc] = (
        await ctx.db.query("contacts")
        .with_index("by_companyId")
        .eq("companyId", companyId)
        .take(100)
    )
    return {"company": company, "people": people}
