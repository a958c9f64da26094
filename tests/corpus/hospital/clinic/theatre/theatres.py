"""The theatres of the hospital."""

from __future__ import annotations

from typing import Final

from convexity.server import (
    PaginationOptions,
    PaginationResult,
    pagination_opts_validator,
    pagination_result_validator,
)
from convexity.values import ConvexError, to_millis, v

from .._generated import data_model as types
from .._generated.server import MutationCtx, QueryCtx, mutation, query
from ..lib import access as guard
from ..schema import schema
from .states import TheatreState as State
from .states import theatre_state as state

STATES: Final[tuple[State, ...]] = ("ready", "cleaning", "blocked")
_NEXT: Final[dict[State, tuple[State, ...]]] = {
    "ready": ("cleaning",),
    "cleaning": ("blocked",),
    "blocked": (),
}
_one = {"theatreId": v.id("theatres")}


async def _theatre(ctx: QueryCtx, theatre_id: types.Id[types.Theatres]) -> types.TheatresDoc:
    await guard.require_staff(ctx)
    found = await ctx.db.get(theatre_id)
    if found is None:
        raise ConvexError({"code": "no_theatre"})
    return found


@mutation(args={"label": v.string(), "tables": v.number()}, returns=v.id("theatres"))
async def add(ctx: MutationCtx, label: str, tables: float) -> types.Id[types.Theatres]:
    """Add a theatre."""
    await guard.require_staff(ctx)
    return await ctx.db.insert(
        "theatres",
        {
            "label": label.strip(),
            "tables": tables,
            "builtAt": to_millis(ctx.now()),
            "state": "ready",
        },
    )


@query(args=_one, returns=schema.doc("theatres"))
async def get(ctx: QueryCtx, theatreId: types.Id[types.Theatres]) -> types.TheatresDoc:
    """One theatre."""
    return await _theatre(ctx, theatreId)


@mutation(args={**_one, "to": state}, returns=v.boolean())
async def mark(ctx: MutationCtx, theatreId: types.Id[types.Theatres], to: State) -> bool:
    """Bring a theatre into another state; returns whether it was in another one."""
    theatre = await _theatre(ctx, theatreId)
    if theatre["state"] == to:
        return False
    if to not in _NEXT[theatre["state"]]:
        raise ConvexError({"code": "bad_state", "to": to})
    await ctx.db.patch(theatreId, {"state": to, "builtAt": to_millis(ctx.now())})
    return True


@query(
    args={"paginationOpts": pagination_opts_validator},
    returns=pagination_result_validator(schema.doc("theatres")),
)
async def listing(
    ctx: QueryCtx, paginationOpts: PaginationOptions
) -> PaginationResult[types.TheatresDoc]:
    """The theatres in pages, the newest first."""
    await guard.require_staff(ctx)
    return await ctx.db.query("theatres").order("desc").paginate(paginationOpts)


@query(args={}, returns=v.record(v.string(), v.number()))
async def counts(ctx: QueryCtx) -> dict[str, float]:
    """How many theatres are in each state."""
    await guard.require_staff(ctx)
    counts: dict[str, float] = {}
    for name in STATES:
        found = ctx.db.query("theatres").with_index("by_state")
        counts[name] = len(await found.eq("state", name).take(1000))
    return counts


@mutation(args={**_one, "label": v.string()}, returns=v.null())
async def reword(ctx: MutationCtx, theatreId: types.Id[types.Theatres], label: str) -> None:
    """Change the label of a theatre."""
    theatre = await _theatre(ctx, theatreId)
    if not label.strip():
        raise ConvexError({"code": "empty", "field": "label"})
    if theatre["label"] != label:
        await ctx.db.patch(theatreId, {"label": label})
