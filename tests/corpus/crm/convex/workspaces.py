"""Workspaces and who belongs to them."""

from typing import Literal, TypeAlias, TypedDict

from convexity.values import ConvexError, v

from ._generated.data_model import Id, MembersDoc, Users, Workspaces, WorkspacesDoc
from ._generated.server import (
    MutationCtx,
    QueryCtx,
    internal_mutation,
    internal_query,
    mutation,
    query,
)
from .lib import require_admin, require_member
from .lib.access import current_user, membership
from .schema import schema

InvitedRole: TypeAlias = Literal["admin", "member"]

role = v.literal("admin", "member")


class RosterEntry(TypedDict):
    """A line of the list of members."""

    name: str
    role: str


@mutation(args={"name": v.string(), "slug": v.string()}, returns=v.id("workspaces"))
async def create(ctx: MutationCtx, name: str, slug: str) -> Id[Workspaces]:
    """Open a workspace whose owner is the caller."""
    user = await current_user(ctx)
    taken = await ctx.db.query("workspaces").with_index("by_slug").eq("slug", slug).first()
    if taken is not None:
        raise ConvexError({"code": "slug_taken", "slug": slug})
    workspace = await ctx.db.insert("workspaces", {"name": name, "slug": slug, "plan": "free"})
    await ctx.db.insert(
        "members", {"workspaceId": workspace, "userId": user["_id"], "role": "owner"}
    )
    return workspace


@query(args={}, returns=v.array(schema.doc("workspaces")))
async def mine(ctx: QueryCtx) -> list[WorkspacesDoc]:
    """The workspaces of the caller, at most fifty."""
    user = await current_user(ctx)
    members = (
        await ctx.db.query("members").with_index("by_userId").eq("userId", user["_id"]).take(50)
    )
    found = await ctx.db.get_many([member["workspaceId"] for member in members])
    return [workspace for workspace in found if workspace is not None]


@mutation(
    args={"workspaceId": v.id("workspaces"), "userId": v.id("users"), "role": role},
    returns=v.null(),
)
async def invite(
    ctx: MutationCtx, workspaceId: Id[Workspaces], userId: Id[Users], role: InvitedRole
) -> None:
    """Give a user a role, or change it."""
    await require_admin(ctx, workspaceId)
    existing = await membership(ctx, workspaceId, userId)
    if existing is None:
        await ctx.db.insert("members", {"workspaceId": workspaceId, "userId": userId, "role": role})
    elif existing["role"] == "owner":
        raise ConvexError({"code": "owner_stays_owner"})
    else:
        await ctx.db.patch(existing["_id"], {"role": role})


@mutation(
    args={"workspaceId": v.id("workspaces"), "userId": v.id("users")},
    returns=v.boolean(),
)
async def remove(ctx: MutationCtx, workspaceId: Id[Workspaces], userId: Id[Users]) -> bool:
    """Take a user out of a workspace; returns whether they were in it."""
    caller = await require_admin(ctx, workspaceId)
    if caller["user"]["_id"] == userId:
        raise ConvexError({"code": "cannot_remove_yourself"})
    existing = await membership(ctx, workspaceId, userId)
    if existing is None:
        return False
    await ctx.db.delete(existing["_id"])
    return True


@query(
    args={"workspaceId": v.id("workspaces")},
    returns=v.array(v.object(RosterEntry)),
)
async def roster(ctx: QueryCtx, workspaceId: Id[Workspaces]) -> list[RosterEntry]:
    """Names and roles of the members."""
    await require_member(ctx, workspaceId)
    rows: list[RosterEntry] = []
    members = (
        ctx.db.query("members")
        .with_index("by_workspaceId_and_userId")
        .eq("workspaceId", workspaceId)
    )
    async for member in members:
        user = await ctx.db.get(member["userId"])
        rows.append({"name": user["name"] if user else "(gone)", "role": member["role"]})
    return rows


@internal_query(
    args={"workspaceId": v.id("workspaces"), "userId": v.id("users")},
    returns=v.nullable(schema.doc("members")),
)
async def member_of(
    ctx: QueryCtx, workspaceId: Id[Workspaces], userId: Id[Users]
) -> MembersDoc | None:
    """The membership of a user, for actions."""
    return await membership(ctx, workspaceId, userId)


@internal_mutation(
    args={"tokenIdentifier": v.string(), "name": v.string(), "email": v.string()},
    returns=v.id("users"),
)
async def upsert_user(ctx: MutationCtx, tokenIdentifier: str, name: str, email: str) -> Id[Users]:
    """Make or refresh a user after signing in."""
    known = (
        await ctx.db.query("users")
        .with_index("by_tokenIdentifier")
        .eq("tokenIdentifier", tokenIdentifier)
        .unique()
    )
    if known is None:
        return await ctx.db.insert(
            "users", {"name": name, "email": email, "tokenIdentifier": tokenIdentifier}
        )
    if (known["name"], known["email"]) != (name, email):
        await ctx.db.patch(known["_id"], {"name": name, "email": email})
    return known["_id"]
