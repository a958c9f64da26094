"""The drugs of the hospital."""

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
from .states import DrugState as State
from .states import drug_state as state

if TYPE_CHECKING:
    from .._generated.data_model import Drugs, DrugsDoc, Id

_NEXT: Final[dict[State, tuple[State, ...]]] = {"listed": ("blocked",), "blocked": ("listed",)}


async def _drug(ctx: QueryCtx, drug_id: Id[Drugs]) -> DrugsDoc:
    await access.require_staff(ctx)
    found = await ctx.db.get(drug_id)
    if found is None:
        raise ConvexError({"code": "no_drug"})
    return found


@mutation(
    args={"brand": v.string(), "strength": v.number(), "code": v.string()}, returns=v.id("drugs")
)
async def add(ctx: MutationCtx, brand: str, strength: float, code: str) -> Id[Drugs]:
    """Add a drug."""
    await access.require_staff(ctx)
    taken = ctx.db.query("drugs").with_index("by_code").eq("code", code.upper())
    if await taken.first() is not None:
        raise ConvexError({"code": "code_taken", "given": code})
    return await ctx.db.insert(
        "drugs",
        {
            "brand": brand.strip(),
            "strength": strength,
            "listedAt": to_millis(ctx.now()),
            "state": "listed",
            "code": code.upper(),
        },
    )


@query(args={"drugId": v.id("drugs")}, returns=schema.doc("drugs"))
async def get(ctx: QueryCtx, drugId: Id[Drugs]) -> DrugsDoc:
    """One drug."""
    return await _drug(ctx, drugId)


@query(args={"text": v.string()}, returns=v.array(schema.doc("drugs")))
async def search(ctx: QueryCtx, text: str) -> list[DrugsDoc]:
    """The drugs whose brand holds words."""
    await access.require_staff(ctx)
    return (
        await ctx.db.query("drugs").with_search_index("search_brand").search("brand", text).take(15)
    )


@mutation(args={"drugId": v.id("drugs"), "to": state}, returns=v.boolean())
async def set_state(ctx: MutationCtx, drugId: Id[Drugs], to: State) -> bool:
    """Bring a drug into another state; returns whether it was in another one."""
    drug = await _drug(ctx, drugId)
    if drug["state"] == to:
        return False
    if to not in _NEXT[drug["state"]]:
        raise ConvexError({"code": "bad_state", "to": to})
    await ctx.db.patch(drugId, {"state": to, "listedAt": to_millis(ctx.now())})
    return True


@query(
    args={"paginationOpts": pagination_opts_validator},
    returns=pagination_result_validator(schema.doc("drugs")),
)
async def listing(ctx: QueryCtx, paginationOpts: PaginationOptions) -> PaginationResult[DrugsDoc]:
    """The drugs in pages, the newest first."""
    await access.require_staff(ctx)
    return await ctx.db.query("drugs").order("desc").paginate(paginationOpts)


@query(args={"code": v.string()}, returns=v.nullable(schema.doc("drugs")))
async def by_code(ctx: QueryCtx, code: str) -> DrugsDoc | None:
    """The drug with a code, if there is one."""
    await access.require_staff(ctx)
    return await ctx.db.query("drugs").with_index("by_code").eq("code", code.upper()).unique()


@internal_query(args={"drugId": v.id("drugs")}, returns=v.nullable(schema.doc("drugs")))
async def load(ctx: QueryCtx, drugId: Id[Drugs]) -> DrugsDoc | None:
    """One drug, for actions."""
    return await ctx.db.get(drugId)
