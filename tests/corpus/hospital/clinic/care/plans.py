"""The plans of the stays."""

from __future__ import annotations

from typing import Final

from convexity.values import ConvexError, to_millis, v

from .._generated import data_model as types
from .._generated.server import MutationCtx, QueryCtx, mutation, query
from ..lib import access as guard
from ..schema import schema
from .states import PlanState as State
from .states import plan_state as state

STATES: Final[tuple[State, ...]] = ("draft", "running", "reached", "dropped")
_NEXT: Final[dict[State, tuple[State, ...]]] = {
    "draft": ("running", "dropped"),
    "running": ("reached", "dropped"),
    "reached": ("dropped",),
    "dropped": (),
}
_one = {"planId": v.id("plans")}


async def _plan(ctx: QueryCtx, plan_id: types.Id[types.Plans]) -> types.PlansDoc:
    await guard.require_staff(ctx)
    found = await ctx.db.get(plan_id)
    if found is None:
        raise ConvexError({"code": "no_plan"})
    return found


@mutation(
    args={"stayId": v.id("stays"), "goal": v.string(), "priority": v.number()},
    returns=v.id("plans"),
)
async def add(
    ctx: MutationCtx, stayId: types.Id[types.Stays], goal: str, priority: float
) -> types.Id[types.Plans]:
    """Add a plan."""
    await guard.require_staff(ctx)
    if await ctx.db.get(stayId) is None:
        raise ConvexError({"code": "no_stay"})
    return await ctx.db.insert(
        "plans",
        {
            "stayId": stayId,
            "goal": goal.strip(),
            "priority": priority,
            "setAt": to_millis(ctx.now()),
            "state": "draft",
        },
    )


@query(args=_one, returns=schema.doc("plans"))
async def get(ctx: QueryCtx, planId: types.Id[types.Plans]) -> types.PlansDoc:
    """One plan."""
    return await _plan(ctx, planId)


@query(
    args={"stayId": v.id("stays"), "limit": v.optional(v.number())},
    returns=v.array(schema.doc("plans")),
)
async def of_stay(
    ctx: QueryCtx, stayId: types.Id[types.Stays], limit: int = 50
) -> list[types.PlansDoc]:
    """The plans of a stay, the newest first."""
    await guard.require_staff(ctx)
    found = ctx.db.query("plans").with_index("by_stayId_and_setAt").eq("stayId", stayId)
    return await found.order("desc").take(min(limit, 200))


@mutation(args={**_one, "to": state}, returns=v.boolean())
async def mark(ctx: MutationCtx, planId: types.Id[types.Plans], to: State) -> bool:
    """Bring a plan into another state; returns whether it was in another one."""
    plan = await _plan(ctx, planId)
    if plan["state"] == to:
        return False
    if to not in _NEXT[plan["state"]]:
        raise ConvexError({"code": "bad_state", "to": to})
    await ctx.db.patch(planId, {"state": to, "setAt": to_millis(ctx.now())})
    return True


@mutation(
    args={**_one, "goal": v.optional(v.string()), "priority": v.optional(v.number())},
    returns=v.null(),
)
async def update(
    ctx: MutationCtx,
    planId: types.Id[types.Plans],
    goal: str | None = None,
    priority: float | None = None,
) -> None:
    """Change what is given of a plan."""
    await _plan(ctx, planId)
    changes: types.PlansPatch = {}
    if goal is not None:
        changes["goal"] = goal
    if priority is not None:
        changes["priority"] = priority
    await ctx.db.patch(planId, changes)


@query(args={"stayId": v.id("stays")}, returns=v.record(v.string(), v.number()))
async def counts(ctx: QueryCtx, stayId: types.Id[types.Stays]) -> dict[str, float]:
    """How many plans are in each state."""
    await guard.require_staff(ctx)
    counts: dict[str, float] = dict.fromkeys(STATES, 0)
    async for plan in ctx.db.query("plans").with_index("by_stayId_and_setAt").eq("stayId", stayId):
        counts[plan["state"]] += 1
    return counts
