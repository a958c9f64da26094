"""The reports of the studies."""

from typing import Final

from convexity.values import ConvexError, to_millis, v

from .._generated import data_model as model
from .._generated import server as convex
from ..lib.access import require_staff as staff_of
from ..schema import schema
from .states import ReportState as State
from .states import report_state as state

_NEXT: Final[dict[State, tuple[State, ...]]] = {"draft": ("signed",), "signed": ("draft",)}
_doc = schema.doc("reports")
_one = {"reportId": v.id("reports")}


async def _report(ctx: convex.QueryCtx, report_id: model.Id[model.Reports]) -> model.ReportsDoc:
    await staff_of(ctx)
    found = await ctx.db.get(report_id)
    if found is None:
        raise ConvexError({"code": "no_report"})
    return found


@convex.mutation(
    args={"studyId": v.id("studies"), "impression": v.string(), "pages": v.number()},
    returns=v.id("reports"),
)
async def add(
    ctx: convex.MutationCtx, studyId: model.Id[model.Studies], impression: str, pages: float
) -> model.Id[model.Reports]:
    """Add a report."""
    await staff_of(ctx)
    if await ctx.db.get(studyId) is None:
        raise ConvexError({"code": "no_study"})
    return await ctx.db.insert(
        "reports",
        {
            "studyId": studyId,
            "impression": impression.strip(),
            "pages": pages,
            "writtenAt": to_millis(ctx.now()),
            "state": "draft",
        },
    )


@convex.query(args={"studyId": v.id("studies")}, returns=v.array(_doc))
async def of_study(
    ctx: convex.QueryCtx, studyId: model.Id[model.Studies]
) -> list[model.ReportsDoc]:
    """The reports of a study, the newest first."""
    await staff_of(ctx)
    found = ctx.db.query("reports").with_index("by_studyId_and_writtenAt").eq("studyId", studyId)
    return await found.order("desc").take(50)


@convex.mutation(args={**_one, "to": state}, returns=v.null())
async def advance(ctx: convex.MutationCtx, reportId: model.Id[model.Reports], to: State) -> None:
    """Bring a report into another state."""
    report = await _report(ctx, reportId)
    if to not in _NEXT[report["state"]]:
        raise ConvexError({"code": "bad_state", "from": report["state"], "to": to})
    await ctx.db.patch(reportId, {"state": to})


@convex.query(args={"studyId": v.id("studies")}, returns=v.nullable(_doc))
async def latest(ctx: convex.QueryCtx, studyId: model.Id[model.Studies]) -> model.ReportsDoc | None:
    """The newest report, if there is any."""
    await staff_of(ctx)
    found = ctx.db.query("reports").with_index("by_studyId_and_writtenAt").eq("studyId", studyId)
    return await found.order("desc").first()


@convex.mutation(args={**_one, "impression": v.string()}, returns=v.null())
async def rename(
    ctx: convex.MutationCtx, reportId: model.Id[model.Reports], impression: str
) -> None:
    """Change the impression of a report."""
    report = await _report(ctx, reportId)
    if not impression.strip():
        raise ConvexError({"code": "empty", "field": "impression"})
    if report["impression"] != impression:
        await ctx.db.patch(reportId, {"impression": impression})


@convex.query(args={"text": v.string()}, returns=v.array(_doc))
async def search(ctx: convex.QueryCtx, text: str) -> list[model.ReportsDoc]:
    """The reports whose impression holds words."""
    await staff_of(ctx)
    return (
        await ctx.db.query("reports")
        .with_search_index("search_impression")
        .search("impression", text)
        .take(20)
    )
