"""The batches of the drugs."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, TypedDict

from convexity.server import (
    PaginationOptions,
    PaginationResult,
    pagination_opts_validator,
    pagination_result_validator,
)
from convexity.values import ConvexError, to_millis, v

from .._generated.api import internal
from .._generated.data_model import Batches, BatchesDoc, Drugs, Id
from .._generated.server import MutationCtx, QueryCtx, internal_mutation, mutation, query
from ..lib import access
from ..schema import schema
from .states import BatchState as State
from .states import batch_state as state

LATER = timedelta(seconds=30)
_NEXT: Final[dict[State, tuple[State, ...]]] = {
    "stored": ("recalled",),
    "recalled": ("used",),
    "used": (),
}


class BatchLine(TypedDict):
    """What a list shows of a batch."""

    id: Id[Batches]
    text: str
    at: float


async def _batch(ctx: QueryCtx, batch_id: Id[Batches]) -> BatchesDoc:
    await access.require_staff(ctx)
    found = await ctx.db.get(batch_id)
    if found is None:
        raise ConvexError({"code": "no_batch"})
    return found


@mutation(
    args={"drugId": v.id("drugs"), "lot": v.string(), "pieces": v.number()}, returns=v.id("batches")
)
async def add(ctx: MutationCtx, drugId: Id[Drugs], lot: str, pieces: float) -> Id[Batches]:
    """Add a batch."""
    await access.require_staff(ctx)
    if await ctx.db.get(drugId) is None:
        raise ConvexError({"code": "no_drug"})
    return await ctx.db.insert(
        "batches",
        {
            "drugId": drugId,
            "lot": lot.strip(),
            "pieces": pieces,
            "expiresAt": to_millis(ctx.now()),
            "state": "stored",
        },
    )


@query(
    args={"drugId": v.id("drugs"), "paginationOpts": pagination_opts_validator},
    returns=pagination_result_validator(schema.doc("batches")),
)
async def of_drug(
    ctx: QueryCtx, drugId: Id[Drugs], paginationOpts: PaginationOptions
) -> PaginationResult[BatchesDoc]:
    """The batches of a drug in pages."""
    await access.require_staff(ctx)
    return (
        await ctx.db.query("batches")
        .with_index("by_drugId_and_expiresAt")
        .eq("drugId", drugId)
        .order("desc")
        .paginate(paginationOpts)
    )


@mutation(args={"batchId": v.id("batches"), "to": state}, returns=v.boolean())
async def set_state(ctx: MutationCtx, batchId: Id[Batches], to: State) -> bool:
    """Bring a batch into another state; returns whether it was in another one."""
    batch = await _batch(ctx, batchId)
    if batch["state"] == to:
        return False
    if to not in _NEXT[batch["state"]]:
        raise ConvexError({"code": "bad_state", "to": to})
    await ctx.db.patch(batchId, {"state": to, "expiresAt": to_millis(ctx.now())})
    return True


@query(args={"drugId": v.id("drugs")}, returns=v.array(v.object(BatchLine)))
async def overdue(ctx: QueryCtx, drugId: Id[Drugs]) -> list[BatchLine]:
    """The batches whose time has come."""
    await access.require_staff(ctx)
    passed = ctx.db.query("batches").with_index("by_drugId_and_expiresAt").eq("drugId", drugId)
    return [
        {"id": batch["_id"], "text": batch["lot"], "at": batch["expiresAt"]}
        for batch in await passed.lt("expiresAt", to_millis(ctx.now())).take(50)
    ]


@query(args={"drugId": v.id("drugs")}, returns=v.number())
async def total_pieces(ctx: QueryCtx, drugId: Id[Drugs]) -> float:
    """The sum of pieces."""
    await access.require_staff(ctx)
    total = 0.0
    async for batch in (
        ctx.db.query("batches").with_index("by_drugId_and_expiresAt").eq("drugId", drugId)
    ):
        total += batch["pieces"]
    return total


@query(
    args={"drugId": v.id("drugs"), "start": v.number(), "end": v.number()},
    returns=v.array(schema.doc("batches")),
)
async def between(ctx: QueryCtx, drugId: Id[Drugs], start: float, end: float) -> list[BatchesDoc]:
    """The batches of a time, the oldest first."""
    await access.require_staff(ctx)
    if end <= start:
        return []
    return (
        await ctx.db.query("batches")
        .with_index("by_drugId_and_expiresAt")
        .eq("drugId", drugId)
        .gte("expiresAt", start)
        .lt("expiresAt", end)
        .take(200)
    )


@internal_mutation(args={"before": v.number(), "limit": v.number()}, returns=v.number())
async def expire(ctx: MutationCtx, before: float, limit: int) -> int:
    """Delete old batches in batches; returns how many."""
    old = ctx.db.query("batches").with_index("by_expiresAt")
    found = await old.lt("expiresAt", before).take(limit)
    for batch in found:
        await ctx.db.delete(batch["_id"])
    if len(found) == limit:
        await ctx.scheduler.run_after(
            LATER, internal.pharmacy.batches.expire, before=before, limit=limit
        )
    return len(found)
