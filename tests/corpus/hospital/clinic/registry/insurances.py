"""The insurances of the patients."""

from typing import Final, TypedDict

from convexity.values import ConvexError, to_millis, v

from .._generated.data_model import Id, Insurances, InsurancesDoc, InsurancesPatch, Patients
from .._generated.server import MutationCtx, QueryCtx, internal_query, mutation, query
from ..lib import require_staff
from ..schema import schema
from .states import InsuranceState as State
from .states import insurance_state as state

_NEXT: Final[dict[State, tuple[State, ...]]] = {"active": ("lapsed",), "lapsed": ("active",)}
_doc = schema.doc("insurances")


class InsuranceLine(TypedDict):
    """What a list shows of an insurance."""

    id: Id[Insurances]
    text: str
    at: float


async def _insurance(ctx: QueryCtx, insurance_id: Id[Insurances]) -> InsurancesDoc:
    await require_staff(ctx)
    found = await ctx.db.get(insurance_id)
    if found is None:
        raise ConvexError({"code": "no_insurance"})
    return found


@mutation(
    args={"patientId": v.id("patients"), "company": v.string(), "share": v.number()},
    returns=v.id("insurances"),
)
async def add(
    ctx: MutationCtx, patientId: Id[Patients], company: str, share: float
) -> Id[Insurances]:
    """Add an insurance."""
    await require_staff(ctx)
    if await ctx.db.get(patientId) is None:
        raise ConvexError({"code": "no_patient"})
    return await ctx.db.insert(
        "insurances",
        {
            "patientId": patientId,
            "company": company.strip(),
            "share": share,
            "validUntil": to_millis(ctx.now()),
            "state": "active",
        },
    )


@query(args={"patientId": v.id("patients")}, returns=v.array(_doc))
async def of_patient(ctx: QueryCtx, patientId: Id[Patients]) -> list[InsurancesDoc]:
    """The insurances of a patient, the newest first."""
    await require_staff(ctx)
    found = (
        ctx.db.query("insurances")
        .with_index("by_patientId_and_validUntil")
        .eq("patientId", patientId)
    )
    return await found.order("desc").take(50)


@mutation(args={"insuranceId": v.id("insurances"), "to": state}, returns=v.null())
async def move(ctx: MutationCtx, insuranceId: Id[Insurances], to: State) -> None:
    """Bring an insurance into another state."""
    insurance = await _insurance(ctx, insuranceId)
    if to not in _NEXT[insurance["state"]]:
        raise ConvexError({"code": "bad_state", "from": insurance["state"], "to": to})
    await ctx.db.patch(insuranceId, {"state": to})


@query(
    args={"patientId": v.id("patients"), "start": v.number(), "end": v.number()},
    returns=v.array(_doc),
)
async def between(
    ctx: QueryCtx, patientId: Id[Patients], start: float, end: float
) -> list[InsurancesDoc]:
    """The insurances of a time, the oldest first."""
    await require_staff(ctx)
    if end <= start:
        return []
    return (
        await ctx.db.query("insurances")
        .with_index("by_patientId_and_validUntil")
        .eq("patientId", patientId)
        .gte("validUntil", start)
        .lt("validUntil", end)
        .take(200)
    )


@query(args={"patientId": v.id("patients")}, returns=v.array(v.object(InsuranceLine)))
async def overdue(ctx: QueryCtx, patientId: Id[Patients]) -> list[InsuranceLine]:
    """The insurances whose time has come."""
    await require_staff(ctx)
    passed = (
        ctx.db.query("insurances")
        .with_index("by_patientId_and_validUntil")
        .eq("patientId", patientId)
    )
    return [
        {"id": insurance["_id"], "text": insurance["company"], "at": insurance["validUntil"]}
        for insurance in await passed.lt("validUntil", to_millis(ctx.now())).take(50)
    ]


@mutation(
    args={
        "insuranceId": v.id("insurances"),
        "company": v.optional(v.string()),
        "share": v.optional(v.number()),
    },
    returns=v.null(),
)
async def update(
    ctx: MutationCtx,
    insuranceId: Id[Insurances],
    company: str | None = None,
    share: float | None = None,
) -> None:
    """Change what is given of an insurance."""
    await _insurance(ctx, insuranceId)
    changes: InsurancesPatch = {}
    if company is not None:
        changes["company"] = company
    if share is not None:
        changes["share"] = share
    await ctx.db.patch(insuranceId, changes)


@internal_query(args={"insuranceId": v.id("insurances")}, returns=v.nullable(_doc))
async def load(ctx: QueryCtx, insuranceId: Id[Insurances]) -> InsurancesDoc | None:
    """One insurance, for actions."""
    return await ctx.db.get(insuranceId)
