"""The results of the samples."""

from convexity.values import ConvexError, to_millis, v

from .._generated.data_model import Id, Results, ResultsDoc, Samples
from .._generated.server import MutationCtx, QueryCtx, internal_query, mutation, query
from ..lib import require_staff
from ..schema import schema

_doc = schema.doc("results")


@mutation(
    args={"sampleId": v.id("samples"), "analyte": v.string(), "value": v.number()},
    returns=v.id("results"),
)
async def add(ctx: MutationCtx, sampleId: Id[Samples], analyte: str, value: float) -> Id[Results]:
    """Add a result."""
    await require_staff(ctx)
    if await ctx.db.get(sampleId) is None:
        raise ConvexError({"code": "no_sample"})
    return await ctx.db.insert(
        "results",
        {
            "sampleId": sampleId,
            "analyte": analyte.strip(),
            "value": value,
            "measuredAt": to_millis(ctx.now()),
        },
    )


@query(args={"sampleId": v.id("samples")}, returns=v.array(_doc))
async def of_sample(ctx: QueryCtx, sampleId: Id[Samples]) -> list[ResultsDoc]:
    """The results of a sample, the newest first."""
    await require_staff(ctx)
    found = (
        ctx.db.query("results").with_index("by_sampleId_and_measuredAt").eq("sampleId", sampleId)
    )
    return await found.order("desc").take(50)


@query(args={"sampleId": v.id("samples")}, returns=v.nullable(_doc))
async def largest(ctx: QueryCtx, sampleId: Id[Samples]) -> ResultsDoc | None:
    """The result with the greatest value."""
    await require_staff(ctx)
    ranked = ctx.db.query("results").with_index("by_sampleId_and_value").eq("sampleId", sampleId)
    return await ranked.order("desc").first()


@query(args={"sampleId": v.id("samples")}, returns=v.nullable(v.number()))
async def average(ctx: QueryCtx, sampleId: Id[Samples]) -> float | None:
    """The mean value of the last hundred results."""
    await require_staff(ctx)
    found = (
        ctx.db.query("results").with_index("by_sampleId_and_measuredAt").eq("sampleId", sampleId)
    )
    values = [result["value"] for result in await found.order("desc").take(100)]
    return sum(values) / len(values) if values else None


@query(
    args={"sampleId": v.id("samples"), "start": v.number(), "end": v.number()},
    returns=v.array(_doc),
)
async def between(
    ctx: QueryCtx, sampleId: Id[Samples], start: float, end: float
) -> list[ResultsDoc]:
    """The results of a time, the oldest first."""
    await require_staff(ctx)
    if end <= start:
        return []
    return (
        await ctx.db.query("results")
        .with_index("by_sampleId_and_measuredAt")
        .eq("sampleId", sampleId)
        .gte("measuredAt", start)
        .lt("measuredAt", end)
        .take(200)
    )


@internal_query(args={"resultId": v.id("results")}, returns=v.nullable(_doc))
async def load(ctx: QueryCtx, resultId: Id[Results]) -> ResultsDoc | None:
    """One result, for actions."""
    return await ctx.db.get(resultId)
