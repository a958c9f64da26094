"""What functions about devices share."""

from __future__ import annotations

import typing as t

from convexity.values import ConvexError, to_millis

if t.TYPE_CHECKING:
    from .._generated import data_model as dm
    from .._generated.server import MutationCtx, QueryCtx


async def by_key(ctx: QueryCtx, key_hash: str) -> dm.DevicesDoc | None:
    """The device with a key."""
    return await ctx.db.query("devices").with_index("by_keyHash").eq("keyHash", key_hash).unique()


async def require_key(ctx: QueryCtx, key_hash: str) -> dm.DevicesDoc:
    """The device with a key; there must be one that is not retired."""
    device = await by_key(ctx, key_hash)
    if device is None or device["state"] == "retired":
        raise ConvexError({"code": "unknown_device"})
    return device


async def touch(ctx: MutationCtx, device: dm.DevicesDoc) -> None:
    """Note that a device was heard of."""
    await ctx.db.patch(device["_id"], {"state": "online", "seenAt": to_millis(ctx.now())})


async def require_person(ctx: QueryCtx) -> str:
    """The name of the person who is signed in."""
    identity = await ctx.auth.get_user_identity()
    if identity is None:
        raise ConvexError({"code": "sign_in"})
    return identity.get("name") or identity["subject"]
