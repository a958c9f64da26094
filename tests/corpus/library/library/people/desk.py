"""Who is at the desk: a reader who is signed in, or one with a card."""

from __future__ import annotations

import typing as t

from convexity.values import ConvexError

if t.TYPE_CHECKING:
    from .._generated import data_model as dm
    from .._generated import server


async def caller(ctx: server.QueryCtx) -> dm.ReadersDoc:
    """The reader who is signed in."""
    identity = await ctx.auth.get_user_identity()
    if identity is None:
        raise ConvexError({"code": "signed_out"})
    reader = (
        await ctx.db.query("readers")
        .with_index("by_token")
        .eq("token", identity["tokenIdentifier"])
        .unique()
    )
    if reader is None:
        raise ConvexError({"code": "no_reader"})
    return reader


async def holder(ctx: server.QueryCtx, card: str) -> dm.ReadersDoc:
    """The reader with a card."""
    reader = await ctx.db.query("readers").with_index("by_card").eq("card", card).unique()
    if reader is None:
        raise ConvexError({"code": "no_such_card", "card": card})
    return reader
