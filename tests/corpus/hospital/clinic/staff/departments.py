"""The departments of the hospital."""

from convexity.server import PaginationOptions, PaginationResult
from convexity.server import pagination_opts_validator as page_options
from convexity.server import pagination_result_validator as page_of
from convexity.values import ConvexError, to_millis, v

from .._generated import data_model as model
from .._generated import server as convex
from ..lib.access import require_staff as staff_of
from ..schema import schema

_doc = schema.doc("departments")
_one = {"departmentId": v.id("departments")}


async def _department(
    ctx: convex.QueryCtx, department_id: model.Id[model.Departments]
) -> model.DepartmentsDoc:
    await staff_of(ctx)
    found = await ctx.db.get(department_id)
    if found is None:
        raise ConvexError({"code": "no_department"})
    return found


@convex.mutation(args={"title": v.string(), "budget": v.number()}, returns=v.id("departments"))
async def add(ctx: convex.MutationCtx, title: str, budget: float) -> model.Id[model.Departments]:
    """Add a department."""
    await staff_of(ctx)
    return await ctx.db.insert(
        "departments", {"title": title.strip(), "budget": budget, "foundedAt": to_millis(ctx.now())}
    )


@convex.query(args=_one, returns=_doc)
async def get(
    ctx: convex.QueryCtx, departmentId: model.Id[model.Departments]
) -> model.DepartmentsDoc:
    """One department."""
    return await _department(ctx, departmentId)


@convex.mutation(args={**_one, "title": v.string()}, returns=v.null())
async def rename(
    ctx: convex.MutationCtx, departmentId: model.Id[model.Departments], title: str
) -> None:
    """Change the title of a department."""
    department = await _department(ctx, departmentId)
    if not title.strip():
        raise ConvexError({"code": "empty", "field": "title"})
    if department["title"] != title:
        await ctx.db.patch(departmentId, {"title": title})


@convex.query(args={"text": v.string()}, returns=v.array(_doc))
async def search(ctx: convex.QueryCtx, text: str) -> list[model.DepartmentsDoc]:
    """The departments whose title holds words."""
    await staff_of(ctx)
    return (
        await ctx.db.query("departments")
        .with_search_index("search_title")
        .search("title", text)
        .take(20)
    )


@convex.query(args={"page": page_options}, returns=page_of(_doc))
async def listing(
    ctx: convex.QueryCtx, page: PaginationOptions
) -> PaginationResult[model.DepartmentsDoc]:
    """The departments in pages, the newest first."""
    await staff_of(ctx)
    return await ctx.db.query("departments").order("desc").paginate(page)


@convex.query(args={}, returns=v.number())
async def total_budget(ctx: convex.QueryCtx) -> float:
    """The sum of budget."""
    await staff_of(ctx)
    total = 0.0
    async for department in ctx.db.query("departments"):
        total += department["budget"]
    return total
