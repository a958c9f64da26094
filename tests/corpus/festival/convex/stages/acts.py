"""Those who play."""

from __future__ import annotations

import typing as t

from convexity.values import Int64, v

from .. import schema as tables
from .._generated import server as s
from ..shared import currency, require_staff, shortened

if t.TYPE_CHECKING:
    from .._generated import data_model as model

Currency = t.Literal["EUR", "CHF", "GBP"]


@s.mutation(
    args={
        "name": v.string(),
        "genres": v.array(v.string()),
        "fee": v.int64(),
        "currency": currency,
    },
    returns=v.id("acts"),
)
async def book(
    ctx: s.MutationCtx, name: str, genres: list[str], fee: Int64, currency: Currency
) -> model.Id[model.Acts]:
    """Sign an act."""
    await require_staff(ctx)
    return await ctx.db.insert(
        "acts",
        {"name": shortened(name), "genres": sorted(genres), "fee": fee, "currency": currency},
    )


@s.mutation(args={"act": v.id("acts"), "picture": v.id("_storage")}, returns=v.boolean())
async def show_picture(
    ctx: s.MutationCtx, act: model.Id[model.Acts], picture: model.Id[model.Storage]
) -> bool:
    """Give an act a picture; returns whether both are there."""
    await require_staff(ctx)
    if await ctx.db.get(act) is None or await ctx.db.system.get(picture) is None:
        return False
    await ctx.db.patch(act, {"picture": picture})
    return True


@s.query(args={"act": v.id("acts")}, returns=v.nullable(v.string()))
async def picture_of(ctx: s.QueryCtx, act: model.Id[model.Acts]) -> str | None:
    """Where the picture of an act is."""
    found = await ctx.db.get(act)
    picture = None if found is None else found.get("picture")
    return None if picture is None else await ctx.storage.get_url(picture)


@s.query(args={"text": v.string()}, returns=v.array(tables.schema.doc("acts")))
async def find(ctx: s.QueryCtx, text: str) -> list[model.ActsDoc]:
    """Acts whose names hold a text."""
    found = ctx.db.query("acts").with_search_index("search_name").search("name", text)
    return await found.take(20)


@s.internal_query(args={"name": v.string()}, returns=v.nullable(v.id("acts")))
async def by_name(ctx: s.QueryCtx, name: str) -> model.Id[model.Acts] | None:
    """The act of a name."""
    found = await ctx.db.query("acts").with_index("by_name").eq("name", name).first()
    return None if found is None else found["_id"]
