"""The checklists of the operations."""

from __future__ import annotations

from typing import Final

from convexity.values import ConvexError, to_millis, v

from .._generated import data_model as types
from .._generated.server import MutationCtx, QueryCtx, mutation, query
from ..lib import access as guard
from ..schema import schema
from .states import ChecklistState as State
from .states import checklist_state as state

STATES: Final[tuple[State, ...]] = ("open", "signed")
_NEXT: Final[dict[State, tuple[State, ...]]] = {"open": ("signed",), "signed": ("open",)}
_one = {"checklistId": v.id("checklists")}


async def _checklist(
    ctx: QueryCtx, checklist_id: types.Id[types.Checklists]
) -> types.ChecklistsDoc:
    await guard.require_staff(ctx)
    found = await ctx.db.get(checklist_id)
    if found is None:
        raise ConvexError({"code": "no_checklist"})
    return found


@mutation(
    args={"operationId": v.id("operations"), "section": v.string(), "steps": v.number()},
    returns=v.id("checklists"),
)
async def add(
    ctx: MutationCtx, operationId: types.Id[types.Operations], section: str, steps: float
) -> types.Id[types.Checklists]:
    """Add a checklist."""
    await guard.require_staff(ctx)
    if await ctx.db.get(operationId) is None:
        raise ConvexError({"code": "no_operation"})
    return await ctx.db.insert(
        "checklists",
        {
            "operationId": operationId,
            "section": section.strip(),
            "steps": steps,
            "openedAt": to_millis(ctx.now()),
            "state": "open",
        },
    )


@query(
    args={"operationId": v.id("operations"), "limit": v.optional(v.number())},
    returns=v.array(schema.doc("checklists")),
)
async def of_operation(
    ctx: QueryCtx, operationId: types.Id[types.Operations], limit: int = 50
) -> list[types.ChecklistsDoc]:
    """The checklists of an operation, the newest first."""
    await guard.require_staff(ctx)
    found = (
        ctx.db.query("checklists")
        .with_index("by_operationId_and_openedAt")
        .eq("operationId", operationId)
    )
    return await found.order("desc").take(min(limit, 200))


@mutation(args={**_one, "to": state}, returns=v.boolean())
async def mark(ctx: MutationCtx, checklistId: types.Id[types.Checklists], to: State) -> bool:
    """Bring a checklist into another state; returns whether it was in another one."""
    checklist = await _checklist(ctx, checklistId)
    if checklist["state"] == to:
        return False
    if to not in _NEXT[checklist["state"]]:
        raise ConvexError({"code": "bad_state", "to": to})
    await ctx.db.patch(checklistId, {"state": to, "openedAt": to_millis(ctx.now())})
    return True


@query(args={"operationId": v.id("operations"), "state": state}, returns=v.boolean())
async def has_any(ctx: QueryCtx, operationId: types.Id[types.Operations], state: State) -> bool:
    """Whether there is a checklist in a state."""
    await guard.require_staff(ctx)
    found = (
        ctx.db.query("checklists")
        .with_index("by_operationId_and_state")
        .eq("operationId", operationId)
    )
    return await found.eq("state", state).first() is not None


@query(args={"operationId": v.id("operations")}, returns=v.record(v.string(), v.number()))
async def counts(ctx: QueryCtx, operationId: types.Id[types.Operations]) -> dict[str, float]:
    """How many checklists are in each state."""
    await guard.require_staff(ctx)
    counts: dict[str, float] = dict.fromkeys(STATES, 0)
    async for checklist in (
        ctx.db.query("checklists")
        .with_index("by_operationId_and_openedAt")
        .eq("operationId", operationId)
    ):
        counts[checklist["state"]] += 1
    return counts
