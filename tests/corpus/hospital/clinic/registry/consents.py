"""The consents of the patients."""

from datetime import timedelta
from typing import Final

from convexity.values import ConvexError, to_millis, v

from .._generated.api import internal
from .._generated.data_model import Consents, ConsentsDoc, Id, Patients
from .._generated.server import MutationCtx, QueryCtx, internal_mutation, mutation, query
from ..lib import require_staff
from ..schema import schema
from .states import ConsentState as State
from .states import consent_state as state

LATER = timedelta(seconds=30)
_NEXT: Final[dict[State, tuple[State, ...]]] = {
    "asked": ("given",),
    "given": ("withdrawn",),
    "withdrawn": (),
}
_doc = schema.doc("consents")


async def _consent(ctx: QueryCtx, consent_id: Id[Consents]) -> ConsentsDoc:
    await require_staff(ctx)
    found = await ctx.db.get(consent_id)
    if found is None:
        raise ConvexError({"code": "no_consent"})
    return found


@mutation(
    args={"patientId": v.id("patients"), "purpose": v.string(), "edition": v.number()},
    returns=v.id("consents"),
)
async def ask(
    ctx: MutationCtx, patientId: Id[Patients], purpose: str, edition: float
) -> Id[Consents]:
    """Ask a consent."""
    await require_staff(ctx)
    if await ctx.db.get(patientId) is None:
        raise ConvexError({"code": "no_patient"})
    return await ctx.db.insert(
        "consents",
        {
            "patientId": patientId,
            "purpose": purpose.strip(),
            "edition": edition,
            "decidedAt": to_millis(ctx.now()),
            "state": "asked",
        },
    )


@query(args={"patientId": v.id("patients")}, returns=v.array(_doc))
async def of_patient(ctx: QueryCtx, patientId: Id[Patients]) -> list[ConsentsDoc]:
    """The consents of a patient, the newest first."""
    await require_staff(ctx)
    found = (
        ctx.db.query("consents").with_index("by_patientId_and_decidedAt").eq("patientId", patientId)
    )
    return await found.order("desc").take(50)


@mutation(args={"consentId": v.id("consents"), "to": state}, returns=v.null())
async def move(ctx: MutationCtx, consentId: Id[Consents], to: State) -> None:
    """Bring a consent into another state."""
    consent = await _consent(ctx, consentId)
    if to not in _NEXT[consent["state"]]:
        raise ConvexError({"code": "bad_state", "from": consent["state"], "to": to})
    await ctx.db.patch(consentId, {"state": to})


@query(args={"patientId": v.id("patients"), "state": state}, returns=v.array(_doc))
async def in_state(ctx: QueryCtx, patientId: Id[Patients], state: State) -> list[ConsentsDoc]:
    """The newest consents in a state."""
    await require_staff(ctx)
    return (
        await ctx.db.query("consents")
        .with_index("by_patientId_and_state")
        .eq("patientId", patientId)
        .eq("state", state)
        .order("desc")
        .take(100)
    )


@query(args={"patientId": v.id("patients"), "state": state}, returns=v.boolean())
async def has_any(ctx: QueryCtx, patientId: Id[Patients], state: State) -> bool:
    """Whether there is a consent in a state."""
    await require_staff(ctx)
    found = ctx.db.query("consents").with_index("by_patientId_and_state").eq("patientId", patientId)
    return await found.eq("state", state).first() is not None


@internal_mutation(args={"before": v.number(), "limit": v.number()}, returns=v.number())
async def expire(ctx: MutationCtx, before: float, limit: int) -> int:
    """Delete old consents in batches; returns how many."""
    old = ctx.db.query("consents").with_index("by_decidedAt")
    found = await old.lt("decidedAt", before).take(limit)
    for consent in found:
        await ctx.db.delete(consent["_id"])
    if len(found) == limit:
        await ctx.scheduler.run_after(
            LATER, internal.registry.consents.expire, before=before, limit=limit
        )
    return len(found)
