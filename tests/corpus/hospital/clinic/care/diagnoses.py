"""The diagnoses of the patients."""

from __future__ import annotations

from typing import Final

from convexity.values import ConvexError, to_millis, v

from .._generated import data_model as types
from .._generated.server import MutationCtx, QueryCtx, internal_query, mutation, query
from ..lib import access as guard
from ..schema import schema
from .states import DiagnosisState as State
from .states import diagnosis_state as state

_NEXT: Final[dict[State, tuple[State, ...]]] = {
    "working": ("final",),
    "final": ("discarded",),
    "discarded": (),
}
_one = {"diagnosisId": v.id("diagnoses")}


async def _diagnosis(ctx: QueryCtx, diagnosis_id: types.Id[types.Diagnoses]) -> types.DiagnosesDoc:
    await guard.require_staff(ctx)
    found = await ctx.db.get(diagnosis_id)
    if found is None:
        raise ConvexError({"code": "no_diagnosis"})
    return found


@mutation(
    args={"patientId": v.id("patients"), "icd": v.string(), "certainty": v.number()},
    returns=v.id("diagnoses"),
)
async def note(
    ctx: MutationCtx, patientId: types.Id[types.Patients], icd: str, certainty: float
) -> types.Id[types.Diagnoses]:
    """Note a diagnosis."""
    await guard.require_staff(ctx)
    if await ctx.db.get(patientId) is None:
        raise ConvexError({"code": "no_patient"})
    return await ctx.db.insert(
        "diagnoses",
        {
            "patientId": patientId,
            "icd": icd.strip(),
            "certainty": certainty,
            "madeAt": to_millis(ctx.now()),
            "state": "working",
        },
    )


@query(
    args={"patientId": v.id("patients"), "limit": v.optional(v.number())},
    returns=v.array(schema.doc("diagnoses")),
)
async def of_patient(
    ctx: QueryCtx, patientId: types.Id[types.Patients], limit: int = 50
) -> list[types.DiagnosesDoc]:
    """The diagnoses of a patient, the newest first."""
    await guard.require_staff(ctx)
    found = (
        ctx.db.query("diagnoses").with_index("by_patientId_and_madeAt").eq("patientId", patientId)
    )
    return await found.order("desc").take(min(limit, 200))


@mutation(args={**_one, "to": state}, returns=v.boolean())
async def mark(ctx: MutationCtx, diagnosisId: types.Id[types.Diagnoses], to: State) -> bool:
    """Bring a diagnosis into another state; returns whether it was in another one."""
    diagnosis = await _diagnosis(ctx, diagnosisId)
    if diagnosis["state"] == to:
        return False
    if to not in _NEXT[diagnosis["state"]]:
        raise ConvexError({"code": "bad_state", "to": to})
    await ctx.db.patch(diagnosisId, {"state": to, "madeAt": to_millis(ctx.now())})
    return True


@query(
    args={"patientId": v.id("patients"), "state": state}, returns=v.array(schema.doc("diagnoses"))
)
async def by_state(
    ctx: QueryCtx, patientId: types.Id[types.Patients], state: State
) -> list[types.DiagnosesDoc]:
    """The newest diagnoses in a state."""
    await guard.require_staff(ctx)
    return (
        await ctx.db.query("diagnoses")
        .with_index("by_patientId_and_state")
        .eq("patientId", patientId)
        .eq("state", state)
        .order("desc")
        .take(100)
    )


@query(args={"text": v.string()}, returns=v.array(schema.doc("diagnoses")))
async def search(ctx: QueryCtx, text: str) -> list[types.DiagnosesDoc]:
    """The diagnoses whose icd holds words."""
    await guard.require_staff(ctx)
    return (
        await ctx.db.query("diagnoses").with_search_index("search_icd").search("icd", text).take(15)
    )


@internal_query(args=_one, returns=v.nullable(schema.doc("diagnoses")))
async def load(ctx: QueryCtx, diagnosisId: types.Id[types.Diagnoses]) -> types.DiagnosesDoc | None:
    """One diagnosis, for actions."""
    return await ctx.db.get(diagnosisId)


@query(args={"patientId": v.id("patients")}, returns=v.nullable(schema.doc("diagnoses")))
async def worst(ctx: QueryCtx, patientId: types.Id[types.Patients]) -> types.DiagnosesDoc | None:
    """The diagnosis with the greatest certainty."""
    await guard.require_staff(ctx)
    ranked = (
        ctx.db.query("diagnoses")
        .with_index("by_patientId_and_certainty")
        .eq("patientId", patientId)
    )
    return await ranked.order("desc").first()
