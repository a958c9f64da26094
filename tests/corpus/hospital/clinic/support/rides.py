"""The rides of the patients."""

from typing import Final

from convexity.values import ConvexError, to_millis, v

from .._generated.data_model import Id, Patients, Rides, RidesDoc
from .._generated.server import MutationCtx, QueryCtx, mutation, query
from ..lib import require_staff
from ..schema import schema
from .states import RideState as State
from .states import ride_state as state

_NEXT: Final[dict[State, tuple[State, ...]]] = {
    "booked": ("driving",),
    "driving": ("over",),
    "over": (),
}
_doc = schema.doc("rides")


async def _ride(ctx: QueryCtx, ride_id: Id[Rides]) -> RidesDoc:
    await require_staff(ctx)
    found = await ctx.db.get(ride_id)
    if found is None:
        raise ConvexError({"code": "no_ride"})
    return found


@mutation(
    args={"patientId": v.id("patients"), "destination": v.string(), "kilometres": v.number()},
    returns=v.id("rides"),
)
async def book(
    ctx: MutationCtx, patientId: Id[Patients], destination: str, kilometres: float
) -> Id[Rides]:
    """Book a ride."""
    await require_staff(ctx)
    if await ctx.db.get(patientId) is None:
        raise ConvexError({"code": "no_patient"})
    return await ctx.db.insert(
        "rides",
        {
            "patientId": patientId,
            "destination": destination.strip(),
            "kilometres": kilometres,
            "leavesAt": to_millis(ctx.now()),
            "state": "booked",
        },
    )


@query(args={"patientId": v.id("patients")}, returns=v.array(_doc))
async def of_patient(ctx: QueryCtx, patientId: Id[Patients]) -> list[RidesDoc]:
    """The rides of a patient, the newest first."""
    await require_staff(ctx)
    found = ctx.db.query("rides").with_index("by_patientId_and_leavesAt").eq("patientId", patientId)
    return await found.order("desc").take(50)


@mutation(args={"rideId": v.id("rides"), "to": state}, returns=v.null())
async def move(ctx: MutationCtx, rideId: Id[Rides], to: State) -> None:
    """Bring a ride into another state."""
    ride = await _ride(ctx, rideId)
    if to not in _NEXT[ride["state"]]:
        raise ConvexError({"code": "bad_state", "from": ride["state"], "to": to})
    await ctx.db.patch(rideId, {"state": to})


@query(
    args={"patientId": v.id("patients"), "start": v.number(), "end": v.number()},
    returns=v.array(_doc),
)
async def between(
    ctx: QueryCtx, patientId: Id[Patients], start: float, end: float
) -> list[RidesDoc]:
    """The rides of a time, the oldest first."""
    await require_staff(ctx)
    if end <= start:
        return []
    return (
        await ctx.db.query("rides")
        .with_index("by_patientId_and_leavesAt")
        .eq("patientId", patientId)
        .gte("leavesAt", start)
        .lt("leavesAt", end)
        .take(200)
    )


@query(args={"patientId": v.id("patients")}, returns=v.number())
async def total_kilometres(ctx: QueryCtx, patientId: Id[Patients]) -> float:
    """The sum of kilometres."""
    await require_staff(ctx)
    total = 0.0
    async for ride in (
        ctx.db.query("rides").with_index("by_patientId_and_leavesAt").eq("patientId", patientId)
    ):
        total += ride["kilometres"]
    return total


@query(args={"patientId": v.id("patients")}, returns=v.nullable(_doc))
async def largest(ctx: QueryCtx, patientId: Id[Patients]) -> RidesDoc | None:
    """The ride with the greatest kilometres."""
    await require_staff(ctx)
    ranked = (
        ctx.db.query("rides").with_index("by_patientId_and_kilometres").eq("patientId", patientId)
    )
    return await ranked.order("desc").first()
