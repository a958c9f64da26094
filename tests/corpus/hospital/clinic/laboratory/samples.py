"""The samples of the lab orders."""

from typing import Final

from convexity.values import ConvexError, to_millis, v

from .._generated.data_model import Id, LabOrders, Samples, SamplesDoc
from .._generated.server import MutationCtx, QueryCtx, mutation, query
from ..lib import require_staff
from ..schema import schema
from .states import SampleState as State
from .states import sample_state as state

_NEXT: Final[dict[State, tuple[State, ...]]] = {
    "sent": ("received",),
    "received": ("spoiled",),
    "spoiled": (),
}
_doc = schema.doc("samples")


async def _sample(ctx: QueryCtx, sample_id: Id[Samples]) -> SamplesDoc:
    await require_staff(ctx)
    found = await ctx.db.get(sample_id)
    if found is None:
        raise ConvexError({"code": "no_sample"})
    return found


@mutation(
    args={
        "orderId": v.id("lab_orders"),
        "tube": v.string(),
        "volume": v.number(),
        "code": v.string(),
    },
    returns=v.id("samples"),
)
async def draw(
    ctx: MutationCtx, orderId: Id[LabOrders], tube: str, volume: float, code: str
) -> Id[Samples]:
    """Draw a sample."""
    await require_staff(ctx)
    if await ctx.db.get(orderId) is None:
        raise ConvexError({"code": "no_order"})
    taken = ctx.db.query("samples").with_index("by_code").eq("code", code.upper())
    if await taken.first() is not None:
        raise ConvexError({"code": "code_taken", "given": code})
    return await ctx.db.insert(
        "samples",
        {
            "orderId": orderId,
            "tube": tube.strip(),
            "volume": volume,
            "drawnAt": to_millis(ctx.now()),
            "state": "sent",
            "code": code.upper(),
        },
    )


@query(args={"orderId": v.id("lab_orders")}, returns=v.array(_doc))
async def of_order(ctx: QueryCtx, orderId: Id[LabOrders]) -> list[SamplesDoc]:
    """The samples of an order, the newest first."""
    await require_staff(ctx)
    found = ctx.db.query("samples").with_index("by_orderId_and_drawnAt").eq("orderId", orderId)
    return await found.order("desc").take(50)


@mutation(args={"sampleId": v.id("samples"), "to": state}, returns=v.null())
async def move(ctx: MutationCtx, sampleId: Id[Samples], to: State) -> None:
    """Bring a sample into another state."""
    sample = await _sample(ctx, sampleId)
    if to not in _NEXT[sample["state"]]:
        raise ConvexError({"code": "bad_state", "from": sample["state"], "to": to})
    await ctx.db.patch(sampleId, {"state": to})


@query(args={"orderId": v.id("lab_orders")}, returns=v.nullable(_doc))
async def latest(ctx: QueryCtx, orderId: Id[LabOrders]) -> SamplesDoc | None:
    """The newest sample, if there is any."""
    await require_staff(ctx)
    found = ctx.db.query("samples").with_index("by_orderId_and_drawnAt").eq("orderId", orderId)
    return await found.order("desc").first()


@query(args={"orderId": v.id("lab_orders"), "state": state}, returns=v.boolean())
async def has_any(ctx: QueryCtx, orderId: Id[LabOrders], state: State) -> bool:
    """Whether there is a sample in a state."""
    await require_staff(ctx)
    found = ctx.db.query("samples").with_index("by_orderId_and_state").eq("orderId", orderId)
    return await found.eq("state", state).first() is not None


@query(args={"code": v.string()}, returns=v.nullable(_doc))
async def by_code(ctx: QueryCtx, code: str) -> SamplesDoc | None:
    """The sample with a code, if there is one."""
    await require_staff(ctx)
    return await ctx.db.query("samples").with_index("by_code").eq("code", code.upper()).unique()


@query(args={"orderId": v.id("lab_orders")}, returns=v.number())
async def total_volume(ctx: QueryCtx, orderId: Id[LabOrders]) -> float:
    """The sum of volume."""
    await require_staff(ctx)
    total = 0.0
    async for sample in (
        ctx.db.query("samples").with_index("by_orderId_and_drawnAt").eq("orderId", orderId)
    ):
        total += sample["volume"]
    return total
