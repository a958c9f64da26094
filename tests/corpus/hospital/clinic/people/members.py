"""Joining and leaving."""

from typing import Literal, TypeAlias

from convexity.values import ConvexError, v

from .._generated.data_model import Id, StaffMembers, StaffMembersDoc
from .._generated.server import MutationCtx, QueryCtx, internal_mutation, mutation, query
from ..lib.access import require_lead, require_staff
from ..schema import schema
from .tables import role

Role: TypeAlias = Literal["nurse", "doctor", "clerk", "lead"]


@query(args={}, returns=schema.doc("staff_members"))
async def me(ctx: QueryCtx) -> StaffMembersDoc:
    """The caller."""
    return (await require_staff(ctx))["member"]


@query(args={"role": role}, returns=v.array(schema.doc("staff_members")))
async def with_role(ctx: QueryCtx, role: Role) -> list[StaffMembersDoc]:
    """Those with a role who still work here."""
    await require_staff(ctx)
    found = await ctx.db.query("staff_members").with_index("by_role").eq("role", role).take(500)
    return [member for member in found if member["active"]]


@mutation(args={"memberId": v.id("staff_members"), "role": role}, returns=v.null())
async def promote(ctx: MutationCtx, memberId: Id[StaffMembers], role: Role) -> None:
    """Give a member of the staff another role."""
    await require_lead(ctx)
    member = await ctx.db.get(memberId)
    if member is None:
        raise ConvexError({"code": "no_member"})
    await ctx.db.patch(memberId, {"role": role})


@mutation(args={"memberId": v.id("staff_members")}, returns=v.null())
async def dismiss(ctx: MutationCtx, memberId: Id[StaffMembers]) -> None:
    """Take the access of a member away."""
    caller = await require_lead(ctx)
    if caller["member"]["_id"] == memberId:
        raise ConvexError({"code": "cannot_dismiss_yourself"})
    member = await ctx.db.get(memberId)
    if member is not None:
        await ctx.db.patch(memberId, {"active": False})


@internal_mutation(args={"token": v.string(), "name": v.string()}, returns=v.id("staff_members"))
async def join(ctx: MutationCtx, token: str, name: str) -> Id[StaffMembers]:
    """Make a member of the staff when they first sign in."""
    known = await ctx.db.query("staff_members").with_index("by_token").eq("token", token).unique()
    if known is not None:
        return known["_id"]
    return await ctx.db.insert(
        "staff_members", {"name": name, "token": token, "role": "clerk", "active": True}
    )
