"""The shifts of the departments."""

from datetime import timedelta
from typing import Final

from convexity.values import ConvexError, to_millis, v

from .._generated import data_model as model
from .._generated import server as convex
from .._generated.api import internal
from ..lib.access import require_staff as staff_of
from ..schema import schema
from .states import ShiftState as State
from .states import shift_state as state

LATER = timedelta(seconds=30)
_NEXT: Final[dict[State, tuple[State, ...]]] = {
    "draft": ("published",),
    "published": ("over",),
    "over": (),
}
_doc = schema.doc("shifts")
_one = {"shiftId": v.id("shifts")}


async def _shift(ctx: convex.QueryCtx, shift_id: model.Id[model.Shifts]) -> model.ShiftsDoc:
    await staff_of(ctx)
    found = await ctx.db.get(shift_id)
    if found is None:
        raise ConvexError({"code": "no_shift"})
    return found


@convex.mutation(
    args={"departmentId": v.id("departments"), "label": v.string(), "hours": v.number()},
    returns=v.id("shifts"),
)
async def draft(
    ctx: convex.MutationCtx, departmentId: model.Id[model.Departments], label: str, hours: float
) -> model.Id[model.Shifts]:
    """Draft a shift."""
    await staff_of(ctx)
    if await ctx.db.get(departmentId) is None:
        raise ConvexError({"code": "no_department"})
    return await ctx.db.insert(
        "shifts",
        {
            "departmentId": departmentId,
            "label": label.strip(),
            "hours": hours,
            "startsAt": to_millis(ctx.now()),
            "state": "draft",
        },
    )


@convex.query(args={"departmentId": v.id("departments")}, returns=v.array(_doc))
async def of_department(
    ctx: convex.QueryCtx, departmentId: model.Id[model.Departments]
) -> list[model.ShiftsDoc]:
    """The shifts of a department, the newest first."""
    await staff_of(ctx)
    found = (
        ctx.db.query("shifts")
        .with_index("by_departmentId_and_startsAt")
        .eq("departmentId", departmentId)
    )
    return await found.order("desc").take(50)


@convex.mutation(args={**_one, "to": state}, returns=v.null())
async def advance(ctx: convex.MutationCtx, shiftId: model.Id[model.Shifts], to: State) -> None:
    """Bring a shift into another state."""
    shift = await _shift(ctx, shiftId)
    if to not in _NEXT[shift["state"]]:
        raise ConvexError({"code": "bad_state", "from": shift["state"], "to": to})
    await ctx.db.patch(shiftId, {"state": to})


@convex.query(
    args={"departmentId": v.id("departments"), "start": v.number(), "end": v.number()},
    returns=v.array(_doc),
)
async def between(
    ctx: convex.QueryCtx, departmentId: model.Id[model.Departments], start: float, end: float
) -> list[model.ShiftsDoc]:
    """The shifts of a time, the oldest first."""
    await staff_of(ctx)
    if end <= start:
        return []
    return (
        await ctx.db.query("shifts")
        .with_index("by_departmentId_and_startsAt")
        .eq("departmentId", departmentId)
        .gte("startsAt", start)
        .lt("startsAt", end)
        .take(200)
    )


@convex.query(args={"departmentId": v.id("departments")}, returns=v.number())
async def total_hours(ctx: convex.QueryCtx, departmentId: model.Id[model.Departments]) -> float:
    """The sum of hours."""
    await staff_of(ctx)
    total = 0.0
    async for shift in (
        ctx.db.query("shifts")
        .with_index("by_departmentId_and_startsAt")
        .eq("departmentId", departmentId)
    ):
        total += shift["hours"]
    return total


@convex.query(args={"departmentId": v.id("departments"), "state": state}, returns=v.array(_doc))
async def that_are(
    ctx: convex.QueryCtx, departmentId: model.Id[model.Departments], state: State
) -> list[model.ShiftsDoc]:
    """The newest shifts in a state."""
    await staff_of(ctx)
    return (
        await ctx.db.query("shifts")
        .with_index("by_departmentId_and_state")
        .eq("departmentId", departmentId)
        .eq("state", state)
        .order("desc")
        .take(100)
    )


@convex.internal_mutation(args={"before": v.number(), "limit": v.number()}, returns=v.number())
async def expire(ctx: convex.MutationCtx, before: float, limit: int) -> int:
    """Delete old shifts in batches; returns how many."""
    old = ctx.db.query("shifts").with_index("by_startsAt")
    found = await old.lt("startsAt", before).take(limit)
    for shift in found:
        await ctx.db.delete(shift["_id"])
    if len(found) == limit:
        await ctx.scheduler.run_after(
            LATER, internal.staff.shifts.expire, before=before, limit=limit
        )
    return len(found)


@convex.mutation(args=_one, returns=v.id("shifts"))
async def repeat(
    ctx: convex.MutationCtx, shiftId: model.Id[model.Shifts]
) -> model.Id[model.Shifts]:
    """Make a shift like another one."""
    shift = await _shift(ctx, shiftId)
    return await ctx.db.insert(
        "shifts",
        {
            "departmentId": shift["departmentId"],
            "label": shift["label"],
            "hours": shift["hours"],
            "startsAt": to_millis(ctx.now()),
            "state": "draft",
        },
    )
