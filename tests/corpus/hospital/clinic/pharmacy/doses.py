"""The doses of the prescriptions."""

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
from .._generated.data_model import Doses, DosesDoc, Id, Prescriptions
from .._generated.server import MutationCtx, QueryCtx, internal_mutation, mutation, query
from ..lib import access
from ..schema import schema
from .states import DoseState as State
from .states import dose_state as state

LATER = timedelta(hours=1)
_NEXT: Final[dict[State, tuple[State, ...]]] = {
    "due": ("given",),
    "given": ("omitted",),
    "omitted": (),
}


class DoseLine(TypedDict):
    """What a list shows of a dose."""

    id: Id[Doses]
    text: str
    at: float


async def _dose(ctx: QueryCtx, dose_id: Id[Doses]) -> DosesDoc:
    await access.require_staff(ctx)
    found = await ctx.db.get(dose_id)
    if found is None:
        raise ConvexError({"code": "no_dose"})
    return found


@mutation(
    args={"prescriptionId": v.id("prescriptions"), "giver": v.string(), "amount": v.number()},
    returns=v.id("doses"),
)
async def schedule(
    ctx: MutationCtx, prescriptionId: Id[Prescriptions], giver: str, amount: float
) -> Id[Doses]:
    """Schedule a dose."""
    await access.require_staff(ctx)
    if await ctx.db.get(prescriptionId) is None:
        raise ConvexError({"code": "no_prescription"})
    return await ctx.db.insert(
        "doses",
        {
            "prescriptionId": prescriptionId,
            "giver": giver.strip(),
            "amount": amount,
            "dueAt": to_millis(ctx.now()),
            "state": "due",
        },
    )


@query(
    args={"prescriptionId": v.id("prescriptions"), "paginationOpts": pagination_opts_validator},
    returns=pagination_result_validator(schema.doc("doses")),
)
async def of_prescription(
    ctx: QueryCtx, prescriptionId: Id[Prescriptions], paginationOpts: PaginationOptions
) -> PaginationResult[DosesDoc]:
    """The doses of a prescription in pages."""
    await access.require_staff(ctx)
    return (
        await ctx.db.query("doses")
        .with_index("by_prescriptionId_and_dueAt")
        .eq("prescriptionId", prescriptionId)
        .order("desc")
        .paginate(paginationOpts)
    )


@mutation(args={"doseId": v.id("doses"), "to": state}, returns=v.boolean())
async def set_state(ctx: MutationCtx, doseId: Id[Doses], to: State) -> bool:
    """Bring a dose into another state; returns whether it was in another one."""
    dose = await _dose(ctx, doseId)
    if dose["state"] == to:
        return False
    if to not in _NEXT[dose["state"]]:
        raise ConvexError({"code": "bad_state", "to": to})
    await ctx.db.patch(doseId, {"state": to, "dueAt": to_millis(ctx.now())})
    return True


@query(args={"prescriptionId": v.id("prescriptions")}, returns=v.array(v.object(DoseLine)))
async def overdue(ctx: QueryCtx, prescriptionId: Id[Prescriptions]) -> list[DoseLine]:
    """The doses whose time has come."""
    await access.require_staff(ctx)
    passed = (
        ctx.db.query("doses")
        .with_index("by_prescriptionId_and_dueAt")
        .eq("prescriptionId", prescriptionId)
    )
    return [
        {"id": dose["_id"], "text": dose["giver"], "at": dose["dueAt"]}
        for dose in await passed.lt("dueAt", to_millis(ctx.now())).take(50)
    ]


@query(args={"prescriptionId": v.id("prescriptions")}, returns=v.number())
async def total_amount(ctx: QueryCtx, prescriptionId: Id[Prescriptions]) -> float:
    """The sum of amount."""
    await access.require_staff(ctx)
    total = 0.0
    async for dose in (
        ctx.db.query("doses")
        .with_index("by_prescriptionId_and_dueAt")
        .eq("prescriptionId", prescriptionId)
    ):
        total += dose["amount"]
    return total


@query(args={"prescriptionId": v.id("prescriptions")}, returns=v.nullable(v.number()))
async def average(ctx: QueryCtx, prescriptionId: Id[Prescriptions]) -> float | None:
    """The mean amount of the last hundred doses."""
    await access.require_staff(ctx)
    found = (
        ctx.db.query("doses")
        .with_index("by_prescriptionId_and_dueAt")
        .eq("prescriptionId", prescriptionId)
    )
    values = [dose["amount"] for dose in await found.order("desc").take(100)]
    return sum(values) / len(values) if values else None


@mutation(args={"doseId": v.id("doses")}, returns=v.null())
async def remind(ctx: MutationCtx, doseId: Id[Doses]) -> None:
    """Have somebody told of a dose in an hour."""
    dose = await _dose(ctx, doseId)
    await ctx.scheduler.run_after(LATER, internal.pharmacy.doses.tell, doseId=dose["_id"])


@internal_mutation(args={"doseId": v.id("doses")}, returns=v.null())
async def tell(ctx: MutationCtx, doseId: Id[Doses]) -> None:
    """Put a dose on the list of messages."""
    dose = await ctx.db.get(doseId)
    if dose is not None:
        await ctx.db.insert(
            "messages",
            {"about": "dose", "text": dose["giver"], "at": to_millis(ctx.now()), "seen": False},
        )
