"""Who may do what."""

from __future__ import annotations

import typing as t

from convexity.values import ConvexError

if t.TYPE_CHECKING:
    from .._generated import data_model as model
    from .._generated import server as s


async def require_holder(ctx: s.QueryCtx) -> str:
    """The one who is signed in."""
    identity = await ctx.auth.get_user_identity()
    if identity is None:
        raise ConvexError({"code": "signed_out"})
    return identity["tokenIdentifier"]


async def require_staff(ctx: s.QueryCtx) -> str:
    """A member of the staff, told by the address."""
    identity = await ctx.auth.get_user_identity()
    if identity is None or not (identity.get("email") or "").endswith("@festival.example"):
        raise ConvexError({"code": "staff_only"})
    return identity["tokenIdentifier"]


async def find_ticket(ctx: s.QueryCtx, code: str) -> model.TicketsDoc | None:
    """The ticket with a code."""
    return await ctx.db.query("tickets").with_index("by_code").eq("code", code).unique()
