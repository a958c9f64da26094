"""The stays of the patients."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from convexity.server import (
    PaginationOptions,
    PaginationResult,
    pagination_opts_validator,
    pagination_result_validator,
)
from convexity.values import ConvexError, to_millis, v

from .._generated.api import internal
from .._generated.server import (
    MutationCtx,
    QueryCtx,
    internal_mutation,
    internal_query,
    mutation,
    query,
)
from ..lib import access
from ..schema import schema
from .states import StayState as State
from .states import stay_state as state

if TYPE_CHECKING:
    from .._generated.data_model import Id, Patients, Stays, StaysDoc

LATER = timedelta(seconds=30)
_NEXT: Final[dict[State, tuple[State, ...]]] = {
    "planned": ("admitted",),
    "admitted": ("discharged",),
    "discharged": (),
}


async def _stay(ctx: QueryCtx, stay_id: Id[Stays]) -> StaysDoc:
    await access.require_staff(ctx)
    found = await ctx.db.get(stay_id)
    if found is None:
        raise ConvexError({"code": "no_stay"})
    return found


@mutation(
    args={"patientId": v.id("patients"), "reason": v.string(), "nights": v.number()},
    returns=v.id("stays"),
)
async def plan(ctx: MutationCtx, patientId: Id[Patients], reason: str, nights: float) -> Id[Stays]:
    """Plan a stay."""
    await access.require_staff(ctx)
    if await ctx.db.get(patientId) is None:
        raise ConvexError({"code": "no_patient"})
    return await ctx.db.insert(
        "stays",
        {
            "patientId": patientId,
            "reason": reason.strip(),
            "nights": nights,
            "beganAt": to_millis(ctx.now()),
            "state": "planned",
        },
    )


@query(args={"stayId": v.id("stays")}, returns=schema.doc("stays"))
async def get(ctx: QueryCtx, stayId: Id[Stays]) -> StaysDoc:
    """One stay."""
    return await _stay(ctx, stayId)


@mutation(args={"stayId": v.id("stays"), "to": state}, returns=v.boolean())
async def set_state(ctx: MutationCtx, stayId: Id[Stays], to: State) -> bool:
    """Bring a stay into another state; returns whether it was in another one."""
    stay = await _stay(ctx, stayId)
    if stay["state"] == to:
        return False
    if to not in _NEXT[stay["state"]]:
        raise ConvexError({"code": "bad_state", "to": to})
    await ctx.db.patch(stayId, {"state": to, "beganAt": to_millis(ctx.now())})
    return True


@query(
    args={"patientId": v.id("patients"), "paginationOpts": pagination_opts_validator},
    returns=pagination_result_validator(schema.doc("stays")),
)
async def of_patient(
    ctx: QueryCtx, patientId: Id[Patients], paginationOpts: PaginationOptions
) -> PaginationResult[StaysDoc]:
    """The stays of a patient in pages."""
    await access.require_staff(ctx)
    return (
        await ctx.db.query("stays")
        .with_index("by_patientId_and_beganAt")
        .eq("patientId", patientId)
        .order("desc")
        .paginate(paginationOpts)
    )


@query(
    args={"patientId": v.id("patients"), "start": v.number(), "end": v.number()},
    returns=v.array(schema.doc("stays")),
)
async def between(
    ctx: QueryCtx, patientId: Id[Patients], start: float, end: float
) -> list[StaysDoc]:
    """The stays of a time, the oldest first."""
    await access.require_staff(ctx)
    if end <= start:
        return []
    return (
        await ctx.db.query("stays")
        .with_index("by_patientId_and_beganAt")
        .eq("patientId", patientId)
        .gte("beganAt", start)
        .lt("beganAt", end)
        .take(200)
    )


@query(args={"patientId": v.id("patients")}, returns=v.number())
async def total_nights(ctx: QueryCtx, patientId: Id[Patients]) -> float:
    """The sum of nights."""
    await access.require_staff(ctx)
    total = 0.0
    async for stay in (
        ctx.db.query("stays").with_index("by_patientId_and_beganAt").eq("patientId", patientId)
    ):
        total += stay["nights"]
    return total


@internal_query(args={"stayId": v.id("stays")}, returns=v.nullable(schema.doc("stays")))
async def load(ctx: QueryCtx, stayId: Id[Stays]) -> StaysDoc | None:
    """One stay, for actions."""
    return await ctx.db.get(stayId)


@internal_mutation(args={"before": v.number(), "limit": v.number()}, returns=v.number())
async def expire(ctx: MutationCtx, before: float, limit: int) -> int:
    """Delete old stays in batches; returns how many."""
    old = ctx.db.query("stays").with_index("by_beganAt")
    found = await old.lt("beganAt", before).take(limit)
    for stay in found:
        await ctx.db.delete(stay["_id"])
    if len(found) == limit:
        await ctx.scheduler.run_after(
            LATER, internal.wards.stays.expire, before=before, limit=limit
        )
    return len(found)
