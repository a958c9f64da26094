"""The prescriptions of the stays."""

from __future__ import annotations

from typing import Final

from convexity.server import (
    PaginationOptions,
    PaginationResult,
    pagination_opts_validator,
    pagination_result_validator,
)
from convexity.values import ConvexError, to_millis, v

from .._generated.data_model import Id, Prescriptions, PrescriptionsDoc, PrescriptionsPatch, Stays
from .._generated.server import MutationCtx, QueryCtx, mutation, query
from ..lib import access
from ..schema import schema
from .states import PrescriptionState as State
from .states import prescription_state as state

STATES: Final[tuple[State, ...]] = ("written", "checked", "stopped")
_NEXT: Final[dict[State, tuple[State, ...]]] = {
    "written": ("checked",),
    "checked": ("stopped",),
    "stopped": (),
}


async def _prescription(ctx: QueryCtx, prescription_id: Id[Prescriptions]) -> PrescriptionsDoc:
    await access.require_staff(ctx)
    found = await ctx.db.get(prescription_id)
    if found is None:
        raise ConvexError({"code": "no_prescription"})
    return found


@mutation(
    args={"stayId": v.id("stays"), "dosage": v.string(), "perDay": v.number()},
    returns=v.id("prescriptions"),
)
async def prescribe(
    ctx: MutationCtx, stayId: Id[Stays], dosage: str, perDay: float
) -> Id[Prescriptions]:
    """Prescribe a prescription."""
    await access.require_staff(ctx)
    if await ctx.db.get(stayId) is None:
        raise ConvexError({"code": "no_stay"})
    return await ctx.db.insert(
        "prescriptions",
        {
            "stayId": stayId,
            "dosage": dosage.strip(),
            "perDay": perDay,
            "writtenAt": to_millis(ctx.now()),
            "state": "written",
        },
    )


@query(args={"prescriptionId": v.id("prescriptions")}, returns=schema.doc("prescriptions"))
async def get(ctx: QueryCtx, prescriptionId: Id[Prescriptions]) -> PrescriptionsDoc:
    """One prescription."""
    return await _prescription(ctx, prescriptionId)


@query(
    args={"stayId": v.id("stays"), "paginationOpts": pagination_opts_validator},
    returns=pagination_result_validator(schema.doc("prescriptions")),
)
async def of_stay(
    ctx: QueryCtx, stayId: Id[Stays], paginationOpts: PaginationOptions
) -> PaginationResult[PrescriptionsDoc]:
    """The prescriptions of a stay in pages."""
    await access.require_staff(ctx)
    return (
        await ctx.db.query("prescriptions")
        .with_index("by_stayId_and_writtenAt")
        .eq("stayId", stayId)
        .order("desc")
        .paginate(paginationOpts)
    )


@mutation(args={"prescriptionId": v.id("prescriptions"), "to": state}, returns=v.boolean())
async def set_state(ctx: MutationCtx, prescriptionId: Id[Prescriptions], to: State) -> bool:
    """Bring a prescription into another state; returns whether it was in another one."""
    prescription = await _prescription(ctx, prescriptionId)
    if prescription["state"] == to:
        return False
    if to not in _NEXT[prescription["state"]]:
        raise ConvexError({"code": "bad_state", "to": to})
    await ctx.db.patch(prescriptionId, {"state": to, "writtenAt": to_millis(ctx.now())})
    return True


@query(args={"stayId": v.id("stays"), "state": state}, returns=v.array(schema.doc("prescriptions")))
async def with_state(ctx: QueryCtx, stayId: Id[Stays], state: State) -> list[PrescriptionsDoc]:
    """The newest prescriptions in a state."""
    await access.require_staff(ctx)
    return (
        await ctx.db.query("prescriptions")
        .with_index("by_stayId_and_state")
        .eq("stayId", stayId)
        .eq("state", state)
        .order("desc")
        .take(100)
    )


@mutation(
    args={
        "prescriptionId": v.id("prescriptions"),
        "dosage": v.optional(v.string()),
        "perDay": v.optional(v.number()),
    },
    returns=v.null(),
)
async def update(
    ctx: MutationCtx,
    prescriptionId: Id[Prescriptions],
    dosage: str | None = None,
    perDay: float | None = None,
) -> None:
    """Change what is given of a prescription."""
    await _prescription(ctx, prescriptionId)
    changes: PrescriptionsPatch = {}
    if dosage is not None:
        changes["dosage"] = dosage
    if perDay is not None:
        changes["perDay"] = perDay
    await ctx.db.patch(prescriptionId, changes)


@query(args={"stayId": v.id("stays")}, returns=v.record(v.string(), v.number()))
async def counts(ctx: QueryCtx, stayId: Id[Stays]) -> dict[str, float]:
    """How many prescriptions are in each state."""
    await access.require_staff(ctx)
    counts: dict[str, float] = dict.fromkeys(STATES, 0)
    async for prescription in (
        ctx.db.query("prescriptions").with_index("by_stayId_and_writtenAt").eq("stayId", stayId)
    ):
        counts[prescription["state"]] += 1
    return counts
