"""The cleanings of the rooms."""

from datetime import timedelta
from typing import Final, TypedDict

from convexity.values import ConvexError, to_millis, v

from .._generated.api import internal
from .._generated.data_model import Cleanings, CleaningsDoc, Id, Rooms
from .._generated.server import MutationCtx, QueryCtx, internal_mutation, mutation, query
from ..lib import require_staff
from ..schema import schema
from .states import CleaningState as State
from .states import cleaning_state as state

LATER = timedelta(hours=1)
_NEXT: Final[dict[State, tuple[State, ...]]] = {"asked": ("done",), "done": ("asked",)}
_doc = schema.doc("cleanings")


class CleaningLine(TypedDict):
    """What a list shows of a cleaning."""

    id: Id[Cleanings]
    text: str
    at: float


async def _cleaning(ctx: QueryCtx, cleaning_id: Id[Cleanings]) -> CleaningsDoc:
    await require_staff(ctx)
    found = await ctx.db.get(cleaning_id)
    if found is None:
        raise ConvexError({"code": "no_cleaning"})
    return found


@mutation(
    args={"roomId": v.id("rooms"), "method": v.string(), "minutes": v.number()},
    returns=v.id("cleanings"),
)
async def add(ctx: MutationCtx, roomId: Id[Rooms], method: str, minutes: float) -> Id[Cleanings]:
    """Add a cleaning."""
    await require_staff(ctx)
    if await ctx.db.get(roomId) is None:
        raise ConvexError({"code": "no_room"})
    return await ctx.db.insert(
        "cleanings",
        {
            "roomId": roomId,
            "method": method.strip(),
            "minutes": minutes,
            "dueAt": to_millis(ctx.now()),
            "state": "asked",
        },
    )


@mutation(args={"cleaningId": v.id("cleanings"), "to": state}, returns=v.null())
async def move(ctx: MutationCtx, cleaningId: Id[Cleanings], to: State) -> None:
    """Bring a cleaning into another state."""
    cleaning = await _cleaning(ctx, cleaningId)
    if to not in _NEXT[cleaning["state"]]:
        raise ConvexError({"code": "bad_state", "from": cleaning["state"], "to": to})
    await ctx.db.patch(cleaningId, {"state": to})


@query(args={"roomId": v.id("rooms")}, returns=v.array(v.object(CleaningLine)))
async def overdue(ctx: QueryCtx, roomId: Id[Rooms]) -> list[CleaningLine]:
    """The cleanings whose time has come."""
    await require_staff(ctx)
    passed = ctx.db.query("cleanings").with_index("by_roomId_and_dueAt").eq("roomId", roomId)
    return [
        {"id": cleaning["_id"], "text": cleaning["method"], "at": cleaning["dueAt"]}
        for cleaning in await passed.lt("dueAt", to_millis(ctx.now())).take(50)
    ]


@query(args={"roomId": v.id("rooms")}, returns=v.number())
async def total_minutes(ctx: QueryCtx, roomId: Id[Rooms]) -> float:
    """The sum of minutes."""
    await require_staff(ctx)
    total = 0.0
    async for cleaning in (
        ctx.db.query("cleanings").with_index("by_roomId_and_dueAt").eq("roomId", roomId)
    ):
        total += cleaning["minutes"]
    return total


@query(args={"roomId": v.id("rooms")}, returns=v.nullable(_doc))
async def latest(ctx: QueryCtx, roomId: Id[Rooms]) -> CleaningsDoc | None:
    """The newest cleaning, if there is any."""
    await require_staff(ctx)
    found = ctx.db.query("cleanings").with_index("by_roomId_and_dueAt").eq("roomId", roomId)
    return await found.order("desc").first()


@mutation(args={"cleaningId": v.id("cleanings")}, returns=v.null())
async def remind(ctx: MutationCtx, cleaningId: Id[Cleanings]) -> None:
    """Have somebody told of a cleaning in an hour."""
    cleaning = await _cleaning(ctx, cleaningId)
    await ctx.scheduler.run_after(
        LATER, internal.support.cleanings.tell, cleaningId=cleaning["_id"]
    )


@internal_mutation(args={"cleaningId": v.id("cleanings")}, returns=v.null())
async def tell(ctx: MutationCtx, cleaningId: Id[Cleanings]) -> None:
    """Put a cleaning on the list of messages."""
    cleaning = await ctx.db.get(cleaningId)
    if cleaning is not None:
        await ctx.db.insert(
            "messages",
            {
                "about": "cleaning",
                "text": cleaning["method"],
                "at": to_millis(ctx.now()),
                "seen": False,
            },
        )
