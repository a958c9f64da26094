"""The wards of the hospital."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity.server import (
    PaginationOptions,
    PaginationResult,
    pagination_opts_validator,
    pagination_result_validator,
)
from convexity.values import ConvexError, to_millis, v

from .._generated.server import MutationCtx, QueryCtx, mutation, query
from ..lib import access
from ..schema import schema
from .states import WardState as State
from .states import ward_state as state

if TYPE_CHECKING:
    from .._generated.data_model import Id, Wards, WardsDoc

STATES: Final[tuple[State, ...]] = ("open", "closed")
_NEXT: Final[dict[State, tuple[State, ...]]] = {"open": ("closed",), "closed": ("open",)}


async def _ward(ctx: QueryCtx, ward_id: Id[Wards]) -> WardsDoc:
    await access.require_staff(ctx)
    found = await ctx.db.get(ward_id)
    if found is None:
        raise ConvexError({"code": "no_ward"})
    return found


@mutation(
    args={"title": v.string(), "floor": v.number(), "code": v.string()}, returns=v.id("wards")
)
async def open_ward(ctx: MutationCtx, title: str, floor: float, code: str) -> Id[Wards]:
    """Open a ward."""
    await access.require_staff(ctx)
    taken = ctx.db.query("wards").with_index("by_code").eq("code", code.upper())
    if await taken.first() is not None:
        raise ConvexError({"code": "code_taken", "given": code})
    return await ctx.db.insert(
        "wards",
        {
            "title": title.strip(),
            "floor": floor,
            "openedAt": to_millis(ctx.now()),
            "state": "open",
            "code": code.upper(),
        },
    )


@query(args={"wardId": v.id("wards")}, returns=schema.doc("wards"))
async def get(ctx: QueryCtx, wardId: Id[Wards]) -> WardsDoc:
    """One ward."""
    return await _ward(ctx, wardId)


@mutation(args={"wardId": v.id("wards"), "to": state}, returns=v.boolean())
async def set_state(ctx: MutationCtx, wardId: Id[Wards], to: State) -> bool:
    """Bring a ward into another state; returns whether it was in another one."""
    ward = await _ward(ctx, wardId)
    if ward["state"] == to:
        return False
    if to not in _NEXT[ward["state"]]:
        raise ConvexError({"code": "bad_state", "to": to})
    await ctx.db.patch(wardId, {"state": to, "openedAt": to_millis(ctx.now())})
    return True


@query(
    args={"paginationOpts": pagination_opts_validator},
    returns=pagination_result_validator(schema.doc("wards")),
)
async def listing(ctx: QueryCtx, paginationOpts: PaginationOptions) -> PaginationResult[WardsDoc]:
    """The wards in pages, the newest first."""
    await access.require_staff(ctx)
    return await ctx.db.query("wards").order("desc").paginate(paginationOpts)


@mutation(args={"wardId": v.id("wards"), "title": v.string()}, returns=v.null())
async def rename(ctx: MutationCtx, wardId: Id[Wards], title: str) -> None:
    """Change the title of a ward."""
    ward = await _ward(ctx, wardId)
    if not title.strip():
        raise ConvexError({"code": "empty", "field": "title"})
    if ward["title"] != title:
        await ctx.db.patch(wardId, {"title": title})


@query(args={}, returns=v.record(v.string(), v.number()))
async def counts(ctx: QueryCtx) -> dict[str, float]:
    """How many wards are in each state."""
    await access.require_staff(ctx)
    counts: dict[str, float] = {}
    for name in STATES:
        found = ctx.db.query("wards").with_index("by_state")
        counts[name] = len(await found.eq("state", name).take(1000))
    return counts


@query(args={"text": v.string()}, returns=v.array(schema.doc("wards")))
async def search(ctx: QueryCtx, text: str) -> list[WardsDoc]:
    """The wards whose title holds words."""
    await access.require_staff(ctx)
    return (
        await ctx.db.query("wards").with_search_index("search_title").search("title", text).take(15)
    )


@query(args={"code": v.string()}, returns=v.nullable(schema.doc("wards")))
async def by_code(ctx: QueryCtx, code: str) -> WardsDoc | None:
    """The ward with a code, if there is one."""
    await access.require_staff(ctx)
    return await ctx.db.query("wards").with_index("by_code").eq("code", code.upper()).unique()
