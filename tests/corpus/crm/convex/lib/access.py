"""Who is calling, and for which workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from convexity.values import ConvexError

if TYPE_CHECKING:
    from .._generated.data_model import Id, MembersDoc, Users, UsersDoc, Workspaces
    from .._generated.server import QueryCtx


class Membership(TypedDict):
    """A user with the role that one workspace gives them."""

    user: UsersDoc
    member: MembersDoc


async def current_user(ctx: QueryCtx) -> UsersDoc:
    """The user who is signed in."""
    identity = await ctx.auth.get_user_identity()
    if identity is None:
        raise ConvexError({"code": "unauthenticated"})
    user = (
        await ctx.db.query("users")
        .with_index("by_tokenIdentifier")
        .eq("tokenIdentifier", identity["tokenIdentifier"])
        .unique()
    )
    if user is None:
        raise ConvexError({"code": "unknown_user"})
    return user


async def membership(
    ctx: QueryCtx, workspace: Id[Workspaces], user: Id[Users]
) -> MembersDoc | None:
    """The membership of a user in a workspace, if there is one."""
    return (
        await ctx.db.query("members")
        .with_index("by_workspaceId_and_userId")
        .eq("workspaceId", workspace)
        .eq("userId", user)
        .unique()
    )


async def require_member(ctx: QueryCtx, workspace: Id[Workspaces]) -> Membership:
    """The caller, who must belong to the workspace."""
    user = await current_user(ctx)
    member = await membership(ctx, workspace, user["_id"])
    if member is None:
        raise ConvexError({"code": "forbidden", "workspace": workspace})
    return {"user": user, "member": member}


async def require_admin(ctx: QueryCtx, workspace: Id[Workspaces]) -> Membership:
    """The caller, who must run the workspace."""
    found = await require_member(ctx, workspace)
    if found["member"]["role"] not in ("owner", "admin"):
        raise ConvexError({"code": "forbidden", "workspace": workspace})
    return found
