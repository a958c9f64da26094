"""The rooms of the wards."""

from __future__ import annotations

from convexity.server import (
    PaginationOptions,
    PaginationResult,
    pagination_opts_validator,
    pagination_result_validator,
)
from convexity.values import ConvexError, to_millis, v

from .._generated.data_model import Id, Rooms, RoomsDoc, RoomsPatch, Wards
from .._generated.server import MutationCtx, QueryCtx, mutation, query
from ..lib import access
from ..schema import schema


async def _room(ctx: QueryCtx, room_id: Id[Rooms]) -> RoomsDoc:
    await access.require_staff(ctx)
    found = await ctx.db.get(room_id)
    if found is None:
        raise ConvexError({"code": "no_room"})
    return found


@mutation(
    args={"wardId": v.id("wards"), "label": v.string(), "size": v.number()}, returns=v.id("rooms")
)
async def add(ctx: MutationCtx, wardId: Id[Wards], label: str, size: float) -> Id[Rooms]:
    """Add a room."""
    await access.require_staff(ctx)
    if await ctx.db.get(wardId) is None:
        raise ConvexError({"code": "no_ward"})
    return await ctx.db.insert(
        "rooms",
        {
            "wardId": wardId,
            "label": label.strip(),
            "size": size,
            "equippedAt": to_millis(ctx.now()),
        },
    )


@query(
    args={"wardId": v.id("wards"), "paginationOpts": pagination_opts_validator},
    returns=pagination_result_validator(schema.doc("rooms")),
)
async def of_ward(
    ctx: QueryCtx, wardId: Id[Wards], paginationOpts: PaginationOptions
) -> PaginationResult[RoomsDoc]:
    """The rooms of a ward in pages."""
    await access.require_staff(ctx)
    return (
        await ctx.db.query("rooms")
        .with_index("by_wardId_and_equippedAt")
        .eq("wardId", wardId)
        .order("desc")
        .paginate(paginationOpts)
    )


@mutation(
    args={"roomId": v.id("rooms"), "label": v.optional(v.string()), "size": v.optional(v.number())},
    returns=v.null(),
)
async def update(
    ctx: MutationCtx, roomId: Id[Rooms], label: str | None = None, size: float | None = None
) -> None:
    """Change what is given of a room."""
    await _room(ctx, roomId)
    changes: RoomsPatch = {}
    if label is not None:
        changes["label"] = label
    if size is not None:
        changes["size"] = size
    await ctx.db.patch(roomId, changes)


@mutation(args={"roomId": v.id("rooms")}, returns=v.null())
async def remove(ctx: MutationCtx, roomId: Id[Rooms]) -> None:
    """Delete a room."""
    room = await _room(ctx, roomId)
    await ctx.db.delete(room["_id"])


@query(args={"wardId": v.id("wards")}, returns=v.number())
async def total_size(ctx: QueryCtx, wardId: Id[Wards]) -> float:
    """The sum of size."""
    await access.require_staff(ctx)
    total = 0.0
    async for room in (
        ctx.db.query("rooms").with_index("by_wardId_and_equippedAt").eq("wardId", wardId)
    ):
        total += room["size"]
    return total


@query(args={"wardId": v.id("wards")}, returns=v.nullable(schema.doc("rooms")))
async def largest(ctx: QueryCtx, wardId: Id[Wards]) -> RoomsDoc | None:
    """The room with the greatest size."""
    await access.require_staff(ctx)
    ranked = ctx.db.query("rooms").with_index("by_wardId_and_size").eq("wardId", wardId)
    return await ranked.order("desc").first()


@mutation(args={"roomId": v.id("rooms"), "label": v.string()}, returns=v.null())
async def rename(ctx: MutationCtx, roomId: Id[Rooms], label: str) -> None:
    """Change the label of a room."""
    room = await _room(ctx, roomId)
    if not label.strip():
        raise ConvexError({"code": "empty", "field": "label"})
    if room["label"] != label:
        await ctx.db.patch(roomId, {"label": label})
