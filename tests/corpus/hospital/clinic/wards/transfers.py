"""The transfers of the stays."""

from __future__ import annotations

from typing import Final, TypedDict

from convexity.server import (
    PaginationOptions,
    PaginationResult,
    pagination_opts_validator,
    pagination_result_validator,
)
from convexity.values import ConvexError, to_millis, v

from .._generated.data_model import Id, Stays, Transfers, TransfersDoc
from .._generated.server import MutationCtx, QueryCtx, mutation, query
from ..lib import access
from ..schema import schema
from .states import TransferState as State
from .states import transfer_state as state

_NEXT: Final[dict[State, tuple[State, ...]]] = {
    "asked": ("agreed", "refused"),
    "agreed": ("done", "refused"),
    "done": ("refused",),
    "refused": (),
}


class TransferLine(TypedDict):
    """What a list shows of a transfer."""

    id: Id[Transfers]
    text: str
    at: float


async def _transfer(ctx: QueryCtx, transfer_id: Id[Transfers]) -> TransfersDoc:
    await access.require_staff(ctx)
    found = await ctx.db.get(transfer_id)
    if found is None:
        raise ConvexError({"code": "no_transfer"})
    return found


@mutation(
    args={"stayId": v.id("stays"), "destination": v.string(), "distance": v.number()},
    returns=v.id("transfers"),
)
async def add(
    ctx: MutationCtx, stayId: Id[Stays], destination: str, distance: float
) -> Id[Transfers]:
    """Add a transfer."""
    await access.require_staff(ctx)
    if await ctx.db.get(stayId) is None:
        raise ConvexError({"code": "no_stay"})
    return await ctx.db.insert(
        "transfers",
        {
            "stayId": stayId,
            "destination": destination.strip(),
            "distance": distance,
            "askedAt": to_millis(ctx.now()),
            "state": "asked",
        },
    )


@query(
    args={"stayId": v.id("stays"), "paginationOpts": pagination_opts_validator},
    returns=pagination_result_validator(schema.doc("transfers")),
)
async def of_stay(
    ctx: QueryCtx, stayId: Id[Stays], paginationOpts: PaginationOptions
) -> PaginationResult[TransfersDoc]:
    """The transfers of a stay in pages."""
    await access.require_staff(ctx)
    return (
        await ctx.db.query("transfers")
        .with_index("by_stayId_and_askedAt")
        .eq("stayId", stayId)
        .order("desc")
        .paginate(paginationOpts)
    )


@mutation(args={"transferId": v.id("transfers"), "to": state}, returns=v.boolean())
async def set_state(ctx: MutationCtx, transferId: Id[Transfers], to: State) -> bool:
    """Bring a transfer into another state; returns whether it was in another one."""
    transfer = await _transfer(ctx, transferId)
    if transfer["state"] == to:
        return False
    if to not in _NEXT[transfer["state"]]:
        raise ConvexError({"code": "bad_state", "to": to})
    await ctx.db.patch(transferId, {"state": to, "askedAt": to_millis(ctx.now())})
    return True


@query(args={"stayId": v.id("stays")}, returns=v.array(v.object(TransferLine)))
async def overdue(ctx: QueryCtx, stayId: Id[Stays]) -> list[TransferLine]:
    """The transfers whose time has come."""
    await access.require_staff(ctx)
    passed = ctx.db.query("transfers").with_index("by_stayId_and_askedAt").eq("stayId", stayId)
    return [
        {"id": transfer["_id"], "text": transfer["destination"], "at": transfer["askedAt"]}
        for transfer in await passed.lt("askedAt", to_millis(ctx.now())).take(50)
    ]


@query(args={"stayId": v.id("stays"), "state": state}, returns=v.array(schema.doc("transfers")))
async def with_state(ctx: QueryCtx, stayId: Id[Stays], state: State) -> list[TransfersDoc]:
    """The newest transfers in a state."""
    await access.require_staff(ctx)
    return (
        await ctx.db.query("transfers")
        .with_index("by_stayId_and_state")
        .eq("stayId", stayId)
        .eq("state", state)
        .order("desc")
        .take(100)
    )


@query(args={"stayId": v.id("stays")}, returns=v.number())
async def total_distance(ctx: QueryCtx, stayId: Id[Stays]) -> float:
    """The sum of distance."""
    await access.require_staff(ctx)
    total = 0.0
    async for transfer in (
        ctx.db.query("transfers").with_index("by_stayId_and_askedAt").eq("stayId", stayId)
    ):
        total += transfer["distance"]
    return total
