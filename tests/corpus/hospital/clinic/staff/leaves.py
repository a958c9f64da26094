"""The leaves of the departments."""

from typing import Final

from convexity.values import ConvexError, to_millis, v

from .._generated import data_model as model
from .._generated import server as convex
from ..lib.access import require_staff as staff_of
from ..schema import schema
from .states import LeaveState as State
from .states import leave_state as state

_NEXT: Final[dict[State, tuple[State, ...]]] = {
    "asked": ("granted",),
    "granted": ("refused",),
    "refused": (),
}
_doc = schema.doc("leaves")
_one = {"leaveId": v.id("leaves")}


async def _leave(ctx: convex.QueryCtx, leave_id: model.Id[model.Leaves]) -> model.LeavesDoc:
    await staff_of(ctx)
    found = await ctx.db.get(leave_id)
    if found is None:
        raise ConvexError({"code": "no_leave"})
    return found


@convex.mutation(
    args={"departmentId": v.id("departments"), "reason": v.string(), "days": v.number()},
    returns=v.id("leaves"),
)
async def ask(
    ctx: convex.MutationCtx, departmentId: model.Id[model.Departments], reason: str, days: float
) -> model.Id[model.Leaves]:
    """Ask a leave."""
    await staff_of(ctx)
    if await ctx.db.get(departmentId) is None:
        raise ConvexError({"code": "no_department"})
    return await ctx.db.insert(
        "leaves",
        {
            "departmentId": departmentId,
            "reason": reason.strip(),
            "days": days,
            "fromTime": to_millis(ctx.now()),
            "state": "asked",
        },
    )


@convex.mutation(args={**_one, "to": state}, returns=v.null())
async def advance(ctx: convex.MutationCtx, leaveId: model.Id[model.Leaves], to: State) -> None:
    """Bring a leave into another state."""
    leave = await _leave(ctx, leaveId)
    if to not in _NEXT[leave["state"]]:
        raise ConvexError({"code": "bad_state", "from": leave["state"], "to": to})
    await ctx.db.patch(leaveId, {"state": to})


@convex.query(args={"departmentId": v.id("departments"), "state": state}, returns=v.array(_doc))
async def that_are(
    ctx: convex.QueryCtx, departmentId: model.Id[model.Departments], state: State
) -> list[model.LeavesDoc]:
    """The newest leaves in a state."""
    await staff_of(ctx)
    return (
        await ctx.db.query("leaves")
        .with_index("by_departmentId_and_state")
        .eq("departmentId", departmentId)
        .eq("state", state)
        .order("desc")
        .take(100)
    )


@convex.query(
    args={"departmentId": v.id("departments"), "start": v.number(), "end": v.number()},
    returns=v.array(_doc),
)
async def between(
    ctx: convex.QueryCtx, departmentId: model.Id[model.Departments], start: float, end: float
) -> list[model.LeavesDoc]:
    """The leaves of a time, the oldest first."""
    await staff_of(ctx)
    if end <= start:
        return []
    return (
        await ctx.db.query("leaves")
        .with_index("by_departmentId_and_fromTime")
        .eq("departmentId", departmentId)
        .gte("fromTime", start)
        .lt("fromTime", end)
        .take(200)
    )


@convex.query(args={"departmentId": v.id("departments")}, returns=v.number())
async def total_days(ctx: convex.QueryCtx, departmentId: model.Id[model.Departments]) -> float:
    """The sum of days."""
    await staff_of(ctx)
    total = 0.0
    async for leave in (
        ctx.db.query("leaves")
        .with_index("by_departmentId_and_fromTime")
        .eq("departmentId", departmentId)
    ):
        total += leave["days"]
    return total


@convex.mutation(args=_one, returns=v.null())
async def remove(ctx: convex.MutationCtx, leaveId: model.Id[model.Leaves]) -> None:
    """Delete a leave."""
    leave = await _leave(ctx, leaveId)
    await ctx.db.delete(leave["_id"])
