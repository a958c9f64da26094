"""The operations of the theatres."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from convexity.values import ConvexError, to_millis, v

from .._generated import data_model as types
from .._generated.api import internal
from .._generated.server import MutationCtx, QueryCtx, internal_mutation, mutation, query
from ..lib import access as guard
from ..schema import schema
from .states import OperationState as State
from .states import operation_state as state

LATER = timedelta(hours=1)
_NEXT: Final[dict[State, tuple[State, ...]]] = {
    "booked": ("running", "cancelled"),
    "running": ("ended", "cancelled"),
    "ended": ("cancelled",),
    "cancelled": (),
}
_one = {"operationId": v.id("operations")}


async def _operation(
    ctx: QueryCtx, operation_id: types.Id[types.Operations]
) -> types.OperationsDoc:
    await guard.require_staff(ctx)
    found = await ctx.db.get(operation_id)
    if found is None:
        raise ConvexError({"code": "no_operation"})
    return found


@mutation(
    args={"theatreId": v.id("theatres"), "procedure": v.string(), "minutes": v.number()},
    returns=v.id("operations"),
)
async def book(
    ctx: MutationCtx, theatreId: types.Id[types.Theatres], procedure: str, minutes: float
) -> types.Id[types.Operations]:
    """Book an operation."""
    await guard.require_staff(ctx)
    if await ctx.db.get(theatreId) is None:
        raise ConvexError({"code": "no_theatre"})
    return await ctx.db.insert(
        "operations",
        {
            "theatreId": theatreId,
            "procedure": procedure.strip(),
            "minutes": minutes,
            "startsAt": to_millis(ctx.now()),
            "state": "booked",
        },
    )


@query(args=_one, returns=schema.doc("operations"))
async def get(ctx: QueryCtx, operationId: types.Id[types.Operations]) -> types.OperationsDoc:
    """One operation."""
    return await _operation(ctx, operationId)


@query(
    args={"theatreId": v.id("theatres"), "limit": v.optional(v.number())},
    returns=v.array(schema.doc("operations")),
)
async def of_theatre(
    ctx: QueryCtx, theatreId: types.Id[types.Theatres], limit: int = 50
) -> list[types.OperationsDoc]:
    """The operations of a theatre, the newest first."""
    await guard.require_staff(ctx)
    found = (
        ctx.db.query("operations")
        .with_index("by_theatreId_and_startsAt")
        .eq("theatreId", theatreId)
    )
    return await found.order("desc").take(min(limit, 200))


@mutation(args={**_one, "to": state}, returns=v.boolean())
async def mark(ctx: MutationCtx, operationId: types.Id[types.Operations], to: State) -> bool:
    """Bring an operation into another state; returns whether it was in another one."""
    operation = await _operation(ctx, operationId)
    if operation["state"] == to:
        return False
    if to not in _NEXT[operation["state"]]:
        raise ConvexError({"code": "bad_state", "to": to})
    await ctx.db.patch(operationId, {"state": to, "startsAt": to_millis(ctx.now())})
    return True


@query(
    args={"theatreId": v.id("theatres"), "start": v.number(), "end": v.number()},
    returns=v.array(schema.doc("operations")),
)
async def between(
    ctx: QueryCtx, theatreId: types.Id[types.Theatres], start: float, end: float
) -> list[types.OperationsDoc]:
    """The operations of a time, the oldest first."""
    await guard.require_staff(ctx)
    if end <= start:
        return []
    return (
        await ctx.db.query("operations")
        .with_index("by_theatreId_and_startsAt")
        .eq("theatreId", theatreId)
        .gte("startsAt", start)
        .lt("startsAt", end)
        .take(200)
    )


@query(args={"theatreId": v.id("theatres")}, returns=v.number())
async def total_minutes(ctx: QueryCtx, theatreId: types.Id[types.Theatres]) -> float:
    """The sum of minutes."""
    await guard.require_staff(ctx)
    total = 0.0
    async for operation in (
        ctx.db.query("operations")
        .with_index("by_theatreId_and_startsAt")
        .eq("theatreId", theatreId)
    ):
        total += operation["minutes"]
    return total


@query(
    args={"theatreId": v.id("theatres"), "state": state}, returns=v.array(schema.doc("operations"))
)
async def by_state(
    ctx: QueryCtx, theatreId: types.Id[types.Theatres], state: State
) -> list[types.OperationsDoc]:
    """The newest operations in a state."""
    await guard.require_staff(ctx)
    return (
        await ctx.db.query("operations")
        .with_index("by_theatreId_and_state")
        .eq("theatreId", theatreId)
        .eq("state", state)
        .order("desc")
        .take(100)
    )


@mutation(args=_one, returns=v.null())
async def remind(ctx: MutationCtx, operationId: types.Id[types.Operations]) -> None:
    """Have somebody told of an operation in an hour."""
    operation = await _operation(ctx, operationId)
    await ctx.scheduler.run_after(
        LATER, internal.theatre.operations.tell, operationId=operation["_id"]
    )


@internal_mutation(args=_one, returns=v.null())
async def tell(ctx: MutationCtx, operationId: types.Id[types.Operations]) -> None:
    """Put an operation on the list of messages."""
    operation = await ctx.db.get(operationId)
    if operation is not None:
        await ctx.db.insert(
            "messages",
            {
                "about": "operation",
                "text": operation["procedure"],
                "at": to_millis(ctx.now()),
                "seen": False,
            },
        )


@mutation(args=_one, returns=v.id("operations"))
async def repeat(
    ctx: MutationCtx, operationId: types.Id[types.Operations]
) -> types.Id[types.Operations]:
    """Make an operation like another one."""
    operation = await _operation(ctx, operationId)
    return await ctx.db.insert(
        "operations",
        {
            "theatreId": operation["theatreId"],
            "procedure": operation["procedure"],
            "minutes": operation["minutes"],
            "startsAt": to_millis(ctx.now()),
            "state": "booked",
        },
    )
