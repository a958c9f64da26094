"""The claims of the insurances."""

from __future__ import annotations

from typing import Final, TypedDict

from convexity.server import (
    PaginationOptions,
    PaginationResult,
    pagination_opts_validator,
    pagination_result_validator,
)
from convexity.values import ConvexError, to_millis, v

from .._generated.data_model import Claims, ClaimsDoc, Id, Insurances
from .._generated.server import MutationCtx, QueryCtx, mutation, query
from ..lib import access
from ..schema import schema
from .states import ClaimState as State
from .states import claim_state as state

STATES: Final[tuple[State, ...]] = ("sent", "accepted", "disputed")
_NEXT: Final[dict[State, tuple[State, ...]]] = {
    "sent": ("accepted",),
    "accepted": ("disputed",),
    "disputed": (),
}


class ClaimLine(TypedDict):
    """What a list shows of a claim."""

    id: Id[Claims]
    text: str
    at: float


async def _claim(ctx: QueryCtx, claim_id: Id[Claims]) -> ClaimsDoc:
    await access.require_staff(ctx)
    found = await ctx.db.get(claim_id)
    if found is None:
        raise ConvexError({"code": "no_claim"})
    return found


@mutation(
    args={"insuranceId": v.id("insurances"), "reason": v.string(), "share": v.number()},
    returns=v.id("claims"),
)
async def add(
    ctx: MutationCtx, insuranceId: Id[Insurances], reason: str, share: float
) -> Id[Claims]:
    """Add a claim."""
    await access.require_staff(ctx)
    if await ctx.db.get(insuranceId) is None:
        raise ConvexError({"code": "no_insurance"})
    return await ctx.db.insert(
        "claims",
        {
            "insuranceId": insuranceId,
            "reason": reason.strip(),
            "share": share,
            "sentAt": to_millis(ctx.now()),
            "state": "sent",
        },
    )


@query(
    args={"insuranceId": v.id("insurances"), "paginationOpts": pagination_opts_validator},
    returns=pagination_result_validator(schema.doc("claims")),
)
async def of_insurance(
    ctx: QueryCtx, insuranceId: Id[Insurances], paginationOpts: PaginationOptions
) -> PaginationResult[ClaimsDoc]:
    """The claims of an insurance in pages."""
    await access.require_staff(ctx)
    return (
        await ctx.db.query("claims")
        .with_index("by_insuranceId_and_sentAt")
        .eq("insuranceId", insuranceId)
        .order("desc")
        .paginate(paginationOpts)
    )


@mutation(args={"claimId": v.id("claims"), "to": state}, returns=v.boolean())
async def set_state(ctx: MutationCtx, claimId: Id[Claims], to: State) -> bool:
    """Bring a claim into another state; returns whether it was in another one."""
    claim = await _claim(ctx, claimId)
    if claim["state"] == to:
        return False
    if to not in _NEXT[claim["state"]]:
        raise ConvexError({"code": "bad_state", "to": to})
    await ctx.db.patch(claimId, {"state": to, "sentAt": to_millis(ctx.now())})
    return True


@query(args={"insuranceId": v.id("insurances")}, returns=v.array(v.object(ClaimLine)))
async def overdue(ctx: QueryCtx, insuranceId: Id[Insurances]) -> list[ClaimLine]:
    """The claims whose time has come."""
    await access.require_staff(ctx)
    passed = (
        ctx.db.query("claims")
        .with_index("by_insuranceId_and_sentAt")
        .eq("insuranceId", insuranceId)
    )
    return [
        {"id": claim["_id"], "text": claim["reason"], "at": claim["sentAt"]}
        for claim in await passed.lt("sentAt", to_millis(ctx.now())).take(50)
    ]


@query(
    args={"insuranceId": v.id("insurances"), "state": state}, returns=v.array(schema.doc("claims"))
)
async def with_state(ctx: QueryCtx, insuranceId: Id[Insurances], state: State) -> list[ClaimsDoc]:
    """The newest claims in a state."""
    await access.require_staff(ctx)
    return (
        await ctx.db.query("claims")
        .with_index("by_insuranceId_and_state")
        .eq("insuranceId", insuranceId)
        .eq("state", state)
        .order("desc")
        .take(100)
    )


@query(args={"insuranceId": v.id("insurances")}, returns=v.record(v.string(), v.number()))
async def counts(ctx: QueryCtx, insuranceId: Id[Insurances]) -> dict[str, float]:
    """How many claims are in each state."""
    await access.require_staff(ctx)
    counts: dict[str, float] = dict.fromkeys(STATES, 0)
    async for claim in (
        ctx.db.query("claims")
        .with_index("by_insuranceId_and_sentAt")
        .eq("insuranceId", insuranceId)
    ):
        counts[claim["state"]] += 1
    return counts


@query(args={"insuranceId": v.id("insurances")}, returns=v.nullable(v.number()))
async def average(ctx: QueryCtx, insuranceId: Id[Insurances]) -> float | None:
    """The mean share of the last hundred claims."""
    await access.require_staff(ctx)
    found = (
        ctx.db.query("claims")
        .with_index("by_insuranceId_and_sentAt")
        .eq("insuranceId", insuranceId)
    )
    values = [claim["share"] for claim in await found.order("desc").take(100)]
    return sum(values) / len(values) if values else None
