"""The trainings of the departments."""

from convexity.values import ConvexError, to_millis, v

from .._generated import data_model as model
from .._generated import server as convex
from ..lib.access import require_staff as staff_of
from ..schema import schema

_doc = schema.doc("trainings")
_one = {"trainingId": v.id("trainings")}


async def _training(
    ctx: convex.QueryCtx, training_id: model.Id[model.Trainings]
) -> model.TrainingsDoc:
    await staff_of(ctx)
    found = await ctx.db.get(training_id)
    if found is None:
        raise ConvexError({"code": "no_training"})
    return found


@convex.mutation(
    args={"departmentId": v.id("departments"), "topic": v.string(), "credits": v.number()},
    returns=v.id("trainings"),
)
async def add(
    ctx: convex.MutationCtx, departmentId: model.Id[model.Departments], topic: str, credits: float
) -> model.Id[model.Trainings]:
    """Add a training."""
    await staff_of(ctx)
    if await ctx.db.get(departmentId) is None:
        raise ConvexError({"code": "no_department"})
    return await ctx.db.insert(
        "trainings",
        {
            "departmentId": departmentId,
            "topic": topic.strip(),
            "credits": credits,
            "heldAt": to_millis(ctx.now()),
        },
    )


@convex.query(args={"departmentId": v.id("departments")}, returns=v.array(_doc))
async def of_department(
    ctx: convex.QueryCtx, departmentId: model.Id[model.Departments]
) -> list[model.TrainingsDoc]:
    """The trainings of a department, the newest first."""
    await staff_of(ctx)
    found = (
        ctx.db.query("trainings")
        .with_index("by_departmentId_and_heldAt")
        .eq("departmentId", departmentId)
    )
    return await found.order("desc").take(50)


@convex.mutation(
    args={**_one, "topic": v.optional(v.string()), "credits": v.optional(v.number())},
    returns=v.null(),
)
async def update(
    ctx: convex.MutationCtx,
    trainingId: model.Id[model.Trainings],
    topic: str | None = None,
    credits: float | None = None,
) -> None:
    """Change what is given of a training."""
    await _training(ctx, trainingId)
    changes: model.TrainingsPatch = {}
    if topic is not None:
        changes["topic"] = topic
    if credits is not None:
        changes["credits"] = credits
    await ctx.db.patch(trainingId, changes)


@convex.query(args={"departmentId": v.id("departments")}, returns=v.number())
async def total_credits(ctx: convex.QueryCtx, departmentId: model.Id[model.Departments]) -> float:
    """The sum of credits."""
    await staff_of(ctx)
    total = 0.0
    async for training in (
        ctx.db.query("trainings")
        .with_index("by_departmentId_and_heldAt")
        .eq("departmentId", departmentId)
    ):
        total += training["credits"]
    return total


@convex.query(args={"departmentId": v.id("departments")}, returns=v.nullable(_doc))
async def latest(
    ctx: convex.QueryCtx, departmentId: model.Id[model.Departments]
) -> model.TrainingsDoc | None:
    """The newest training, if there is any."""
    await staff_of(ctx)
    found = (
        ctx.db.query("trainings")
        .with_index("by_departmentId_and_heldAt")
        .eq("departmentId", departmentId)
    )
    return await found.order("desc").first()


@convex.query(args={"text": v.string()}, returns=v.array(_doc))
async def search(ctx: convex.QueryCtx, text: str) -> list[model.TrainingsDoc]:
    """The trainings whose topic holds words."""
    await staff_of(ctx)
    return (
        await ctx.db.query("trainings")
        .with_search_index("search_topic")
        .search("topic", text)
        .take(20)
    )
