"""The allergies of the patients."""

from typing import Final

from convexity.values import ConvexError, to_millis, v

from .._generated.data_model import Allergies, AllergiesDoc, Id, Patients
from .._generated.server import MutationCtx, QueryCtx, internal_query, mutation, query
from ..lib import require_staff
from ..schema import schema
from .states import AllergyState as State
from .states import allergy_state as state

_NEXT: Final[dict[State, tuple[State, ...]]] = {
    "suspected": ("confirmed",),
    "confirmed": ("refuted",),
    "refuted": (),
}
_doc = schema.doc("allergies")


async def _allergy(ctx: QueryCtx, allergy_id: Id[Allergies]) -> AllergiesDoc:
    await require_staff(ctx)
    found = await ctx.db.get(allergy_id)
    if found is None:
        raise ConvexError({"code": "no_allergy"})
    return found


@mutation(
    args={"patientId": v.id("patients"), "substance": v.string(), "severity": v.number()},
    returns=v.id("allergies"),
)
async def add(
    ctx: MutationCtx, patientId: Id[Patients], substance: str, severity: float
) -> Id[Allergies]:
    """Add an allergy."""
    await require_staff(ctx)
    if await ctx.db.get(patientId) is None:
        raise ConvexError({"code": "no_patient"})
    return await ctx.db.insert(
        "allergies",
        {
            "patientId": patientId,
            "substance": substance.strip(),
            "severity": severity,
            "notedAt": to_millis(ctx.now()),
            "state": "suspected",
        },
    )


@query(args={"patientId": v.id("patients")}, returns=v.array(_doc))
async def of_patient(ctx: QueryCtx, patientId: Id[Patients]) -> list[AllergiesDoc]:
    """The allergies of a patient, the newest first."""
    await require_staff(ctx)
    found = (
        ctx.db.query("allergies").with_index("by_patientId_and_notedAt").eq("patientId", patientId)
    )
    return await found.order("desc").take(50)


@mutation(args={"allergyId": v.id("allergies"), "to": state}, returns=v.null())
async def move(ctx: MutationCtx, allergyId: Id[Allergies], to: State) -> None:
    """Bring an allergy into another state."""
    allergy = await _allergy(ctx, allergyId)
    if to not in _NEXT[allergy["state"]]:
        raise ConvexError({"code": "bad_state", "from": allergy["state"], "to": to})
    await ctx.db.patch(allergyId, {"state": to})


@query(args={"patientId": v.id("patients"), "state": state}, returns=v.array(_doc))
async def in_state(ctx: QueryCtx, patientId: Id[Patients], state: State) -> list[AllergiesDoc]:
    """The newest allergies in a state."""
    await require_staff(ctx)
    return (
        await ctx.db.query("allergies")
        .with_index("by_patientId_and_state")
        .eq("patientId", patientId)
        .eq("state", state)
        .order("desc")
        .take(100)
    )


@query(args={"patientId": v.id("patients")}, returns=v.nullable(_doc))
async def worst(ctx: QueryCtx, patientId: Id[Patients]) -> AllergiesDoc | None:
    """The allergy with the greatest severity."""
    await require_staff(ctx)
    ranked = (
        ctx.db.query("allergies").with_index("by_patientId_and_severity").eq("patientId", patientId)
    )
    return await ranked.order("desc").first()


@query(args={"patientId": v.id("patients"), "state": state}, returns=v.boolean())
async def has_any(ctx: QueryCtx, patientId: Id[Patients], state: State) -> bool:
    """Whether there is an allergy in a state."""
    await require_staff(ctx)
    found = (
        ctx.db.query("allergies").with_index("by_patientId_and_state").eq("patientId", patientId)
    )
    return await found.eq("state", state).first() is not None


@internal_query(args={"allergyId": v.id("allergies")}, returns=v.nullable(_doc))
async def load(ctx: QueryCtx, allergyId: Id[Allergies]) -> AllergiesDoc | None:
    """One allergy, for actions."""
    return await ctx.db.get(allergyId)
