"""The programme."""

from __future__ import annotations

import typing as t
from itertools import pairwise

from convexity.server import (
    PaginationOptions,
    PaginationResult,
    pagination_opts_validator,
    pagination_result_validator,
)
from convexity.values import ConvexError, to_millis, v

from .. import schema as tables
from .._generated import api as references
from .._generated import server as s
from ..shared import in_batches, require_staff, slot_times

if t.TYPE_CHECKING:
    from .._generated import data_model as model

MINUTE = 60_000
BATCH = 100


class Break(t.TypedDict):
    """Time between two acts."""

    stage: str
    minutes: float


@s.mutation(
    args={**slot_times, "stage": v.id("stages"), "act": v.id("acts")}, returns=v.id("slots")
)
async def plan(
    ctx: s.MutationCtx,
    starts: float,
    minutes: float,
    stage: model.Id[model.Stages],
    act: model.Id[model.Acts],
) -> model.Id[model.Slots]:
    """Put an act on a stage, where nothing else is at that time."""
    await require_staff(ctx)
    ends = starts + minutes * MINUTE
    near = ctx.db.query("slots").with_index("by_stageId_and_starts").eq("stageId", stage)
    async for other in near.lt("starts", ends).order("desc"):
        if other["starts"] + other["minutes"] * MINUTE > starts:
            raise ConvexError({"code": "overlap", "slot": other["_id"]})
        break
    return await ctx.db.insert(
        "slots",
        {"starts": starts, "minutes": minutes, "stageId": stage, "actId": act, "announced": False},
    )


@s.mutation(args={"slots": v.array(v.id("slots"))}, returns=v.null())
async def announce(ctx: s.MutationCtx, slots: list[model.Id[model.Slots]]) -> None:
    """Make slots public, a hundred at a time."""
    await require_staff(ctx)
    for batch in in_batches(slots, BATCH):
        await ctx.scheduler.run_after(
            0, references.internal.stages.slots.announce_some, slots=list(batch)
        )


@s.internal_mutation(args={"slots": v.array(v.id("slots"))}, returns=v.null())
async def announce_some(ctx: s.MutationCtx, slots: list[model.Id[model.Slots]]) -> None:
    """Make a few slots public."""
    for slot in await ctx.db.get_many(slots):
        if slot is not None and not slot["announced"]:
            await ctx.db.patch(slot["_id"], {"announced": True})


@s.query(
    args={"paginationOpts": pagination_opts_validator},
    returns=pagination_result_validator(tables.schema.doc("slots")),
)
async def programme(
    ctx: s.QueryCtx, paginationOpts: PaginationOptions
) -> PaginationResult[model.SlotsDoc]:
    """What is announced, in order."""
    announced = ctx.db.query("slots").with_index("by_announced_and_starts").eq("announced", True)
    return await announced.paginate(paginationOpts)


@s.query(args={"act": v.id("acts")}, returns=v.number())
async def minutes_of(ctx: s.QueryCtx, act: model.Id[model.Acts]) -> float:
    """For how long an act plays in all."""
    slots = await ctx.db.query("slots").with_index("by_actId").eq("actId", act).take(20)
    return sum(slot["minutes"] for slot in slots)


@s.query(args={"stage": v.id("stages")}, returns=v.array(v.object(Break)))
async def breaks(ctx: s.QueryCtx, stage: model.Id[model.Stages]) -> list[Break]:
    """The breaks of the coming day on a stage."""
    found = await ctx.db.get(stage)
    if found is None:
        return []
    slots = (
        await ctx.db.query("slots")
        .with_index("by_stageId_and_starts")
        .eq("stageId", stage)
        .gte("starts", to_millis(ctx.now()))
        .take(20)
    )
    return [
        {
            "stage": found["name"],
            "minutes": (after["starts"] - before["starts"]) / MINUTE - before["minutes"],
        }
        for before, after in pairwise(slots)
    ]
