"""The stages themselves."""

from __future__ import annotations

import typing as t

from convexity.values import ConvexError, v

from .. import schema as tables
from .._generated import server as s
from ..shared import require_staff

if t.TYPE_CHECKING:
    from .._generated import data_model as model

_one = {"stage": v.id("stages")}


@s.mutation(args={"name": v.string(), "capacity": v.number()}, returns=v.id("stages"))
async def build(ctx: s.MutationCtx, name: str, capacity: float) -> model.Id[model.Stages]:
    """Add a stage."""
    await require_staff(ctx)
    if await ctx.db.query("stages").with_index("by_name").eq("name", name).first() is not None:
        raise ConvexError({"code": "name_taken", "name": name})
    return await ctx.db.insert("stages", {"name": name, "capacity": capacity})


@s.mutation(args={**_one, "capacity": v.number()}, returns=v.null())
async def resize(ctx: s.MutationCtx, stage: model.Id[model.Stages], capacity: float) -> None:
    """Let more or fewer people in."""
    await require_staff(ctx)
    if await ctx.db.get(stage) is None:
        raise ConvexError({"code": "no_stage"})
    await ctx.db.patch(stage, {"capacity": capacity})


@s.mutation(args=_one, returns=v.null())
async def dismantle(ctx: s.MutationCtx, stage: model.Id[model.Stages]) -> None:
    """Remove a stage on which nothing is planned."""
    await require_staff(ctx)
    planned = ctx.db.query("slots").with_index("by_stageId_and_starts").eq("stageId", stage)
    if await planned.first() is not None:
        raise ConvexError({"code": "stage_in_use"})
    await ctx.db.delete(stage)


@s.query(args={}, returns=v.array(tables.schema.doc("stages")))
async def all_of_them(ctx: s.QueryCtx) -> list[model.StagesDoc]:
    """The stages by name."""
    return await ctx.db.query("stages").with_index("by_name").take(50)
