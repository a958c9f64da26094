"""Who is calling."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from convexity.values import ConvexError

if TYPE_CHECKING:
    from .._generated.data_model import StaffMembersDoc
    from .._generated.server import QueryCtx


class Staff(TypedDict):
    """Somebody who works here, and whether they may do what few may."""

    member: StaffMembersDoc
    leads: bool


async def require_staff(ctx: QueryCtx) -> Staff:
    """The caller, who must work here."""
    identity = await ctx.auth.get_user_identity()
    if identity is None:
        raise ConvexError({"code": "signed_out"})
    member = (
        await ctx.db.query("staff_members")
        .with_index("by_token")
        .eq("token", identity["tokenIdentifier"])
        .unique()
    )
    if member is None or not member["active"]:
        raise ConvexError({"code": "not_staff"})
    return {"member": member, "leads": member["role"] == "lead"}


async def require_lead(ctx: QueryCtx) -> Staff:
    """The caller, who must lead."""
    staff = await require_staff(ctx)
    if not staff["leads"]:
        raise ConvexError({"code": "not_lead"})
    return staff
