"""The meals of the stays."""

from typing import Final

from convexity.values import ConvexError, to_millis, v

from .._generated.data_model import Id, Meals, MealsDoc, Stays
from .._generated.server import MutationCtx, QueryCtx, mutation, query
from ..lib import require_staff
from ..schema import schema
from .states import MealState as State
from .states import meal_state as state

_NEXT: Final[dict[State, tuple[State, ...]]] = {
    "ordered": ("served",),
    "served": ("returned",),
    "returned": (),
}
_doc = schema.doc("meals")


async def _meal(ctx: QueryCtx, meal_id: Id[Meals]) -> MealsDoc:
    await require_staff(ctx)
    found = await ctx.db.get(meal_id)
    if found is None:
        raise ConvexError({"code": "no_meal"})
    return found


@mutation(
    args={"stayId": v.id("stays"), "dish": v.string(), "calories": v.number()},
    returns=v.id("meals"),
)
async def order(ctx: MutationCtx, stayId: Id[Stays], dish: str, calories: float) -> Id[Meals]:
    """Order a meal."""
    await require_staff(ctx)
    if await ctx.db.get(stayId) is None:
        raise ConvexError({"code": "no_stay"})
    return await ctx.db.insert(
        "meals",
        {
            "stayId": stayId,
            "dish": dish.strip(),
            "calories": calories,
            "wantedAt": to_millis(ctx.now()),
            "state": "ordered",
        },
    )


@query(args={"stayId": v.id("stays")}, returns=v.array(_doc))
async def of_stay(ctx: QueryCtx, stayId: Id[Stays]) -> list[MealsDoc]:
    """The meals of a stay, the newest first."""
    await require_staff(ctx)
    found = ctx.db.query("meals").with_index("by_stayId_and_wantedAt").eq("stayId", stayId)
    return await found.order("desc").take(50)


@mutation(args={"mealId": v.id("meals"), "to": state}, returns=v.null())
async def move(ctx: MutationCtx, mealId: Id[Meals], to: State) -> None:
    """Bring a meal into another state."""
    meal = await _meal(ctx, mealId)
    if to not in _NEXT[meal["state"]]:
        raise ConvexError({"code": "bad_state", "from": meal["state"], "to": to})
    await ctx.db.patch(mealId, {"state": to})


@query(
    args={"stayId": v.id("stays"), "start": v.number(), "end": v.number()}, returns=v.array(_doc)
)
async def between(ctx: QueryCtx, stayId: Id[Stays], start: float, end: float) -> list[MealsDoc]:
    """The meals of a time, the oldest first."""
    await require_staff(ctx)
    if end <= start:
        return []
    return (
        await ctx.db.query("meals")
        .with_index("by_stayId_and_wantedAt")
        .eq("stayId", stayId)
        .gte("wantedAt", start)
        .lt("wantedAt", end)
        .take(200)
    )


@query(args={"stayId": v.id("stays")}, returns=v.number())
async def total_calories(ctx: QueryCtx, stayId: Id[Stays]) -> float:
    """The sum of calories."""
    await require_staff(ctx)
    total = 0.0
    async for meal in (
        ctx.db.query("meals").with_index("by_stayId_and_wantedAt").eq("stayId", stayId)
    ):
        total += meal["calories"]
    return total


@query(args={"stayId": v.id("stays")}, returns=v.nullable(v.number()))
async def average(ctx: QueryCtx, stayId: Id[Stays]) -> float | None:
    """The mean calories of the last hundred meals."""
    await require_staff(ctx)
    found = ctx.db.query("meals").with_index("by_stayId_and_wantedAt").eq("stayId", stayId)
    values = [meal["calories"] for meal in await found.order("desc").take(100)]
    return sum(values) / len(values) if values else None


@mutation(args={"mealId": v.id("meals")}, returns=v.null())
async def remove(ctx: MutationCtx, mealId: Id[Meals]) -> None:
    """Delete a meal."""
    meal = await _meal(ctx, mealId)
    await ctx.db.delete(meal["_id"])
