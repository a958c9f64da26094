"""The patients of the hospital."""

from typing import Final

from convexity.server import (
    PaginationOptions,
    PaginationResult,
    pagination_opts_validator,
    pagination_result_validator,
)
from convexity.values import ConvexError, to_millis, v

from .._generated.data_model import Id, Patients, PatientsDoc
from .._generated.server import MutationCtx, QueryCtx, mutation, query
from ..lib import require_staff
from ..schema import schema
from .states import PatientState as State
from .states import patient_state as state

STATES: Final[tuple[State, ...]] = ("expected", "present", "gone")
_NEXT: Final[dict[State, tuple[State, ...]]] = {
    "expected": ("present",),
    "present": ("gone",),
    "gone": (),
}
_doc = schema.doc("patients")


async def _patient(ctx: QueryCtx, patient_id: Id[Patients]) -> PatientsDoc:
    await require_staff(ctx)
    found = await ctx.db.get(patient_id)
    if found is None:
        raise ConvexError({"code": "no_patient"})
    return found


@mutation(
    args={"fullName": v.string(), "birthYear": v.number(), "code": v.string()},
    returns=v.id("patients"),
)
async def register(ctx: MutationCtx, fullName: str, birthYear: float, code: str) -> Id[Patients]:
    """Register a patient."""
    await require_staff(ctx)
    taken = ctx.db.query("patients").with_index("by_code").eq("code", code.upper())
    if await taken.first() is not None:
        raise ConvexError({"code": "code_taken", "given": code})
    return await ctx.db.insert(
        "patients",
        {
            "fullName": fullName.strip(),
            "birthYear": birthYear,
            "registeredAt": to_millis(ctx.now()),
            "state": "expected",
            "code": code.upper(),
        },
    )


@query(args={"patientId": v.id("patients")}, returns=_doc)
async def get(ctx: QueryCtx, patientId: Id[Patients]) -> PatientsDoc:
    """One patient."""
    return await _patient(ctx, patientId)


@query(args={"text": v.string()}, returns=v.array(_doc))
async def search(ctx: QueryCtx, text: str) -> list[PatientsDoc]:
    """The patients whose fullName holds words."""
    await require_staff(ctx)
    return (
        await ctx.db.query("patients")
        .with_search_index("search_fullName")
        .search("fullName", text)
        .take(20)
    )


@mutation(args={"patientId": v.id("patients"), "to": state}, returns=v.null())
async def move(ctx: MutationCtx, patientId: Id[Patients], to: State) -> None:
    """Bring a patient into another state."""
    patient = await _patient(ctx, patientId)
    if to not in _NEXT[patient["state"]]:
        raise ConvexError({"code": "bad_state", "from": patient["state"], "to": to})
    await ctx.db.patch(patientId, {"state": to})


@query(
    args={"paginationOpts": pagination_opts_validator}, returns=pagination_result_validator(_doc)
)
async def listing(
    ctx: QueryCtx, paginationOpts: PaginationOptions
) -> PaginationResult[PatientsDoc]:
    """The patients in pages, the newest first."""
    await require_staff(ctx)
    return await ctx.db.query("patients").order("desc").paginate(paginationOpts)


@mutation(args={"patientId": v.id("patients"), "fullName": v.string()}, returns=v.null())
async def rename(ctx: MutationCtx, patientId: Id[Patients], fullName: str) -> None:
    """Change the fullName of a patient."""
    patient = await _patient(ctx, patientId)
    if not fullName.strip():
        raise ConvexError({"code": "empty", "field": "fullName"})
    if patient["fullName"] != fullName:
        await ctx.db.patch(patientId, {"fullName": fullName})


@query(args={"code": v.string()}, returns=v.nullable(_doc))
async def by_code(ctx: QueryCtx, code: str) -> PatientsDoc | None:
    """The patient with a code, if there is one."""
    await require_staff(ctx)
    return await ctx.db.query("patients").with_index("by_code").eq("code", code.upper()).unique()


@query(args={}, returns=v.record(v.string(), v.number()))
async def counts(ctx: QueryCtx) -> dict[str, float]:
    """How many patients are in each state."""
    await require_staff(ctx)
    counts: dict[str, float] = {}
    for name in STATES:
        found = ctx.db.query("patients").with_index("by_state")
        counts[name] = len(await found.eq("state", name).take(1000))
    return counts
