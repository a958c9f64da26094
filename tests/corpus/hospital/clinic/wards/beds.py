"""The beds of the rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity.server import (
    PaginationOptions,
    PaginationResult,
    pagination_opts_validator,
    pagination_result_validator,
)
from convexity.values import ConvexError, to_millis, v

from .._generated.server import MutationCtx, QueryCtx, mutation, query
from ..lib import access
from ..schema import schema
from .states import BedState as State
from .states import bed_state as state

if TYPE_CHECKING:
    from .._generated.data_model import Beds, BedsDoc, Id, Rooms

STATES: Final[tuple[State, ...]] = ("free", "taken", "cleaning", "broken")
_NEXT: Final[dict[State, tuple[State, ...]]] = {
    "free": ("taken", "broken"),
    "taken": ("cleaning", "broken"),
    "cleaning": ("broken",),
    "broken": (),
}


async def _bed(ctx: QueryCtx, bed_id: Id[Beds]) -> BedsDoc:
    await access.require_staff(ctx)
    found = await ctx.db.get(bed_id)
    if found is None:
        raise ConvexError({"code": "no_bed"})
    return found


@mutation(
    args={"roomId": v.id("rooms"), "label": v.string(), "position": v.number()},
    returns=v.id("beds"),
)
async def add(ctx: MutationCtx, roomId: Id[Rooms], label: str, position: float) -> Id[Beds]:
    """Add a bed."""
    await access.require_staff(ctx)
    if await ctx.db.get(roomId) is None:
        raise ConvexError({"code": "no_room"})
    return await ctx.db.insert(
        "beds",
        {
            "roomId": roomId,
            "label": label.strip(),
            "position": position,
            "changedAt": to_millis(ctx.now()),
            "state": "free",
        },
    )


@query(
    args={"roomId": v.id("rooms"), "paginationOpts": pagination_opts_validator},
    returns=pagination_result_validator(schema.doc("beds")),
)
async def of_room(
    ctx: QueryCtx, roomId: Id[Rooms], paginationOpts: PaginationOptions
) -> PaginationResult[BedsDoc]:
    """The beds of a room in pages."""
    await access.require_staff(ctx)
    return (
        await ctx.db.query("beds")
        .with_index("by_roomId_and_changedAt")
        .eq("roomId", roomId)
        .order("desc")
        .paginate(paginationOpts)
    )


@mutation(args={"bedId": v.id("beds"), "to": state}, returns=v.boolean())
async def set_state(ctx: MutationCtx, bedId: Id[Beds], to: State) -> bool:
    """Bring a bed into another state; returns whether it was in another one."""
    bed = await _bed(ctx, bedId)
    if bed["state"] == to:
        return False
    if to not in _NEXT[bed["state"]]:
        raise ConvexError({"code": "bad_state", "to": to})
    await ctx.db.patch(bedId, {"state": to, "changedAt": to_millis(ctx.now())})
    return True


@query(args={"roomId": v.id("rooms"), "state": state}, returns=v.array(schema.doc("beds")))
async def with_state(ctx: QueryCtx, roomId: Id[Rooms], state: State) -> list[BedsDoc]:
    """The newest beds in a state."""
    await access.require_staff(ctx)
    return (
        await ctx.db.query("beds")
        .with_index("by_roomId_and_state")
        .eq("roomId", roomId)
        .eq("state", state)
        .order("desc")
        .take(100)
    )


@query(args={"roomId": v.id("rooms")}, returns=v.record(v.string(), v.number()))
async def counts(ctx: QueryCtx, roomId: Id[Rooms]) -> dict[str, float]:
    """How many beds are in each state."""
    await access.require_staff(ctx)
    counts: dict[str, float] = dict.fromkeys(STATES, 0)
    async for bed in (
        ctx.db.query("beds").with_index("by_roomId_and_changedAt").eq("roomId", roomId)
    ):
        counts[bed["state"]] += 1
    return counts


@query(args={"roomId": v.id("rooms")}, returns=v.nullable(schema.doc("beds")))
async def latest(ctx: QueryCtx, roomId: Id[Rooms]) -> BedsDoc | None:
    """The newest bed, if there is any."""
    await access.require_staff(ctx)
    found = ctx.db.query("beds").with_index("by_roomId_and_changedAt").eq("roomId", roomId)
    return await found.order("desc").first()


@query(args={"roomId": v.id("rooms"), "state": state}, returns=v.boolean())
async def has_any(ctx: QueryCtx, roomId: Id[Rooms], state: State) -> bool:
    """Whether there is a bed in a state."""
    await access.require_staff(ctx)
    found = ctx.db.query("beds").with_index("by_roomId_and_state").eq("roomId", roomId)
    return await found.eq("state", state).first() is not None
