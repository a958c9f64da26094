"""The care tasks of the plans."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, TypedDict

from convexity.values import ConvexError, to_millis, v

from .._generated import data_model as types
from .._generated.api import internal
from .._generated.server import MutationCtx, QueryCtx, internal_mutation, mutation, query
from ..lib import access as guard
from ..schema import schema
from .states import TaskState as State
from .states import task_state as state

LATER = timedelta(hours=1)
_NEXT: Final[dict[State, tuple[State, ...]]] = {"todo": ("doing",), "doing": ("done",), "done": ()}
_one = {"taskId": v.id("care_tasks")}


class TaskLine(TypedDict):
    """What a list shows of a task."""

    id: types.Id[types.CareTasks]
    text: str
    at: float


async def _task(ctx: QueryCtx, task_id: types.Id[types.CareTasks]) -> types.CareTasksDoc:
    await guard.require_staff(ctx)
    found = await ctx.db.get(task_id)
    if found is None:
        raise ConvexError({"code": "no_task"})
    return found


@mutation(
    args={"planId": v.id("plans"), "what": v.string(), "effort": v.number()},
    returns=v.id("care_tasks"),
)
async def add(
    ctx: MutationCtx, planId: types.Id[types.Plans], what: str, effort: float
) -> types.Id[types.CareTasks]:
    """Add a task."""
    await guard.require_staff(ctx)
    if await ctx.db.get(planId) is None:
        raise ConvexError({"code": "no_plan"})
    return await ctx.db.insert(
        "care_tasks",
        {
            "planId": planId,
            "what": what.strip(),
            "effort": effort,
            "dueAt": to_millis(ctx.now()),
            "state": "todo",
        },
    )


@query(
    args={"planId": v.id("plans"), "limit": v.optional(v.number())},
    returns=v.array(schema.doc("care_tasks")),
)
async def of_plan(
    ctx: QueryCtx, planId: types.Id[types.Plans], limit: int = 50
) -> list[types.CareTasksDoc]:
    """The care tasks of a plan, the newest first."""
    await guard.require_staff(ctx)
    found = ctx.db.query("care_tasks").with_index("by_planId_and_dueAt").eq("planId", planId)
    return await found.order("desc").take(min(limit, 200))


@mutation(args={**_one, "to": state}, returns=v.boolean())
async def mark(ctx: MutationCtx, taskId: types.Id[types.CareTasks], to: State) -> bool:
    """Bring a task into another state; returns whether it was in another one."""
    task = await _task(ctx, taskId)
    if task["state"] == to:
        return False
    if to not in _NEXT[task["state"]]:
        raise ConvexError({"code": "bad_state", "to": to})
    await ctx.db.patch(taskId, {"state": to, "dueAt": to_millis(ctx.now())})
    return True


@query(args={"planId": v.id("plans")}, returns=v.array(v.object(TaskLine)))
async def overdue(ctx: QueryCtx, planId: types.Id[types.Plans]) -> list[TaskLine]:
    """The care tasks whose time has come."""
    await guard.require_staff(ctx)
    passed = ctx.db.query("care_tasks").with_index("by_planId_and_dueAt").eq("planId", planId)
    return [
        {"id": task["_id"], "text": task["what"], "at": task["dueAt"]}
        for task in await passed.lt("dueAt", to_millis(ctx.now())).take(50)
    ]


@mutation(args=_one, returns=v.null())
async def remind(ctx: MutationCtx, taskId: types.Id[types.CareTasks]) -> None:
    """Have somebody told of a task in an hour."""
    task = await _task(ctx, taskId)
    await ctx.scheduler.run_after(LATER, internal.care.tasks.tell, taskId=task["_id"])


@internal_mutation(args=_one, returns=v.null())
async def tell(ctx: MutationCtx, taskId: types.Id[types.CareTasks]) -> None:
    """Put a task on the list of messages."""
    task = await ctx.db.get(taskId)
    if task is not None:
        await ctx.db.insert(
            "messages",
            {"about": "task", "text": task["what"], "at": to_millis(ctx.now()), "seen": False},
        )


@query(args={"planId": v.id("plans"), "state": state}, returns=v.array(schema.doc("care_tasks")))
async def by_state(
    ctx: QueryCtx, planId: types.Id[types.Plans], state: State
) -> list[types.CareTasksDoc]:
    """The newest care tasks in a state."""
    await guard.require_staff(ctx)
    return (
        await ctx.db.query("care_tasks")
        .with_index("by_planId_and_state")
        .eq("planId", planId)
        .eq("state", state)
        .order("desc")
        .take(100)
    )


@query(args={"planId": v.id("plans")}, returns=v.number())
async def total_effort(ctx: QueryCtx, planId: types.Id[types.Plans]) -> float:
    """The sum of effort."""
    await guard.require_staff(ctx)
    total = 0.0
    async for task in (
        ctx.db.query("care_tasks").with_index("by_planId_and_dueAt").eq("planId", planId)
    ):
        total += task["effort"]
    return total


@mutation(args=_one, returns=v.null())
async def remove(ctx: MutationCtx, taskId: types.Id[types.CareTasks]) -> None:
    """Delete a task."""
    task = await _task(ctx, taskId)
    await ctx.db.delete(task["_id"])
