"""The relatives of the patients."""

from convexity.values import ConvexError, to_millis, v

from .._generated.data_model import Id, Patients, Relatives, RelativesDoc
from .._generated.server import MutationCtx, QueryCtx, mutation, query
from ..lib import require_staff
from ..schema import schema

_doc = schema.doc("relatives")


async def _relative(ctx: QueryCtx, relative_id: Id[Relatives]) -> RelativesDoc:
    await require_staff(ctx)
    found = await ctx.db.get(relative_id)
    if found is None:
        raise ConvexError({"code": "no_relative"})
    return found


@mutation(
    args={"patientId": v.id("patients"), "name": v.string(), "closeness": v.number()},
    returns=v.id("relatives"),
)
async def add(
    ctx: MutationCtx, patientId: Id[Patients], name: str, closeness: float
) -> Id[Relatives]:
    """Add a relative."""
    await require_staff(ctx)
    if await ctx.db.get(patientId) is None:
        raise ConvexError({"code": "no_patient"})
    return await ctx.db.insert(
        "relatives",
        {
            "patientId": patientId,
            "name": name.strip(),
            "closeness": closeness,
            "notedAt": to_millis(ctx.now()),
        },
    )


@query(args={"patientId": v.id("patients")}, returns=v.array(_doc))
async def of_patient(ctx: QueryCtx, patientId: Id[Patients]) -> list[RelativesDoc]:
    """The relatives of a patient, the newest first."""
    await require_staff(ctx)
    found = (
        ctx.db.query("relatives").with_index("by_patientId_and_notedAt").eq("patientId", patientId)
    )
    return await found.order("desc").take(50)


@mutation(args={"relativeId": v.id("relatives"), "name": v.string()}, returns=v.null())
async def rename(ctx: MutationCtx, relativeId: Id[Relatives], name: str) -> None:
    """Change the name of a relative."""
    relative = await _relative(ctx, relativeId)
    if not name.strip():
        raise ConvexError({"code": "empty", "field": "name"})
    if relative["name"] != name:
        await ctx.db.patch(relativeId, {"name": name})


@mutation(args={"relativeId": v.id("relatives")}, returns=v.null())
async def remove(ctx: MutationCtx, relativeId: Id[Relatives]) -> None:
    """Delete a relative."""
    relative = await _relative(ctx, relativeId)
    await ctx.db.delete(relative["_id"])


@query(args={"patientId": v.id("patients")}, returns=v.nullable(_doc))
async def latest(ctx: QueryCtx, patientId: Id[Patients]) -> RelativesDoc | None:
    """The newest relative, if there is any."""
    await require_staff(ctx)
    found = (
        ctx.db.query("relatives").with_index("by_patientId_and_notedAt").eq("patientId", patientId)
    )
    return await found.order("desc").first()


@query(args={"patientId": v.id("patients")}, returns=v.boolean())
async def has_any(ctx: QueryCtx, patientId: Id[Patients]) -> bool:
    """Whether there is any relative."""
    await require_staff(ctx)
    found = (
        ctx.db.query("relatives").with_index("by_patientId_and_notedAt").eq("patientId", patientId)
    )
    return await found.first() is not None


@query(args={"patientId": v.id("patients")}, returns=v.nullable(_doc))
async def nearest(ctx: QueryCtx, patientId: Id[Patients]) -> RelativesDoc | None:
    """The relative with the greatest closeness."""
    await require_staff(ctx)
    ranked = (
        ctx.db.query("relatives")
        .with_index("by_patientId_and_closeness")
        .eq("patientId", patientId)
    )
    return await ranked.order("desc").first()
