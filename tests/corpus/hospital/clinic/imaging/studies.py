"""The studies of the patients."""

from typing import Final

from convexity.values import ConvexError, to_millis, v

from .._generated import data_model as model
from .._generated import server as convex
from ..lib.access import require_staff as staff_of
from ..schema import schema
from .states import StudyState as State
from .states import study_state as state

_NEXT: Final[dict[State, tuple[State, ...]]] = {
    "planned": ("taken",),
    "taken": ("read",),
    "read": (),
}
_doc = schema.doc("studies")
_one = {"studyId": v.id("studies")}


async def _study(ctx: convex.QueryCtx, study_id: model.Id[model.Studies]) -> model.StudiesDoc:
    await staff_of(ctx)
    found = await ctx.db.get(study_id)
    if found is None:
        raise ConvexError({"code": "no_study"})
    return found


@convex.mutation(
    args={"patientId": v.id("patients"), "region": v.string(), "images": v.number()},
    returns=v.id("studies"),
)
async def add(
    ctx: convex.MutationCtx, patientId: model.Id[model.Patients], region: str, images: float
) -> model.Id[model.Studies]:
    """Add a study."""
    await staff_of(ctx)
    if await ctx.db.get(patientId) is None:
        raise ConvexError({"code": "no_patient"})
    return await ctx.db.insert(
        "studies",
        {
            "patientId": patientId,
            "region": region.strip(),
            "images": images,
            "plannedAt": to_millis(ctx.now()),
            "state": "planned",
        },
    )


@convex.query(args=_one, returns=_doc)
async def get(ctx: convex.QueryCtx, studyId: model.Id[model.Studies]) -> model.StudiesDoc:
    """One study."""
    return await _study(ctx, studyId)


@convex.query(args={"patientId": v.id("patients")}, returns=v.array(_doc))
async def of_patient(
    ctx: convex.QueryCtx, patientId: model.Id[model.Patients]
) -> list[model.StudiesDoc]:
    """The studies of a patient, the newest first."""
    await staff_of(ctx)
    found = (
        ctx.db.query("studies").with_index("by_patientId_and_plannedAt").eq("patientId", patientId)
    )
    return await found.order("desc").take(50)


@convex.mutation(args={**_one, "to": state}, returns=v.null())
async def advance(ctx: convex.MutationCtx, studyId: model.Id[model.Studies], to: State) -> None:
    """Bring a study into another state."""
    study = await _study(ctx, studyId)
    if to not in _NEXT[study["state"]]:
        raise ConvexError({"code": "bad_state", "from": study["state"], "to": to})
    await ctx.db.patch(studyId, {"state": to})


@convex.query(args={"patientId": v.id("patients"), "state": state}, returns=v.array(_doc))
async def that_are(
    ctx: convex.QueryCtx, patientId: model.Id[model.Patients], state: State
) -> list[model.StudiesDoc]:
    """The newest studies in a state."""
    await staff_of(ctx)
    return (
        await ctx.db.query("studies")
        .with_index("by_patientId_and_state")
        .eq("patientId", patientId)
        .eq("state", state)
        .order("desc")
        .take(100)
    )


@convex.query(
    args={"patientId": v.id("patients"), "start": v.number(), "end": v.number()},
    returns=v.array(_doc),
)
async def between(
    ctx: convex.QueryCtx, patientId: model.Id[model.Patients], start: float, end: float
) -> list[model.StudiesDoc]:
    """The studies of a time, the oldest first."""
    await staff_of(ctx)
    if end <= start:
        return []
    return (
        await ctx.db.query("studies")
        .with_index("by_patientId_and_plannedAt")
        .eq("patientId", patientId)
        .gte("plannedAt", start)
        .lt("plannedAt", end)
        .take(200)
    )


@convex.mutation(args=_one, returns=v.id("studies"))
async def repeat(
    ctx: convex.MutationCtx, studyId: model.Id[model.Studies]
) -> model.Id[model.Studies]:
    """Make a study like another one."""
    study = await _study(ctx, studyId)
    return await ctx.db.insert(
        "studies",
        {
            "patientId": study["patientId"],
            "region": study["region"],
            "images": study["images"],
            "plannedAt": to_millis(ctx.now()),
            "state": "planned",
        },
    )
