"""The report of a day."""

from typing import TypedDict

from convexity.values import v

from .._generated.api import api
from .._generated.data_model import Id, Wards
from .._generated.server import ActionCtx, QueryCtx, action, query
from ..lib.access import require_lead
from . import Occupancy, rate


class DailyReport(TypedDict):
    """What the report says."""

    rate: float
    wards: list[Occupancy]


@query(args={"wardId": v.id("wards")}, returns=v.object(Occupancy))
async def occupancy(ctx: QueryCtx, wardId: Id[Wards]) -> Occupancy:
    """How full a ward is."""
    await require_lead(ctx)
    ward = await ctx.db.get(wardId)
    beds = taken = 0
    async for room in (
        ctx.db.query("rooms").with_index("by_wardId_and_equippedAt").eq("wardId", wardId)
    ):
        found = ctx.db.query("beds").with_index("by_roomId_and_state").eq("roomId", room["_id"])
        states = [bed["state"] for bed in await found.take(100)]
        beds += len(states)
        taken += states.count("taken")
    return {"ward": "(gone)" if ward is None else ward["title"], "beds": beds, "taken": taken}


@query(args={"wardIds": v.array(v.id("wards"))}, returns=v.object(DailyReport))
async def report(ctx: QueryCtx, wardIds: list[Id[Wards]]) -> DailyReport:
    """How full some wards are."""
    await require_lead(ctx)
    lines = [await ctx.run_query(api.reporting.daily.occupancy, wardId=ward) for ward in wardIds]
    return {"rate": rate(lines), "wards": lines}


@action(args={"wardIds": v.array(v.id("wards"))}, returns=v.string())
async def as_text(ctx: ActionCtx, wardIds: list[Id[Wards]]) -> str:
    """The report as text."""
    found = await ctx.run_query(api.reporting.daily.report, wardIds=wardIds)
    lines = [
        f"{line['ward']:<20} {line['taken']:>3.0f}/{line['beds']:.0f}" for line in found["wards"]
    ]
    return "\n".join([*lines, f"{'all':<20} {found['rate']:.0%}"])
