"""Spaces: whose documents are whose."""

from convexity.values import ConvexError, v

from ._generated.data_model import Id, Spaces, SpacesDoc
from ._generated.server import MutationCtx, QueryCtx, mutation, query
from .schema import schema


async def caller(ctx: QueryCtx) -> str:
    """Who is signed in, as one string."""
    identity = await ctx.auth.get_user_identity()
    if identity is None:
        raise ConvexError("Not signed in")
    return identity["tokenIdentifier"]


async def require_space(ctx: QueryCtx, space_id: Id[Spaces]) -> SpacesDoc:
    """A space of the caller."""
    space = await ctx.db.get(space_id)
    if space is None or space["ownerId"] != await caller(ctx):
        raise ConvexError("Space not found")
    return space


@mutation(args={"name": v.string()}, returns=v.id("spaces"))
async def create(ctx: MutationCtx, name: str) -> Id[Spaces]:
    """Open a space."""
    return await ctx.db.insert("spaces", {"name": name, "ownerId": await caller(ctx)})


@query(args={}, returns=v.array(schema.doc("spaces")))
async def mine(ctx: QueryCtx) -> list[SpacesDoc]:
    """Spaces of the caller."""
    owner = await caller(ctx)
    return await ctx.db.query("spaces").with_index("by_ownerId").eq("ownerId", owner).take(50)


@mutation(args={"spaceId": v.id("spaces"), "name": v.string()}, returns=v.null())
async def rename(ctx: MutationCtx, spaceId: Id[Spaces], name: str) -> None:
    """Give a space another name."""
    await require_space(ctx, spaceId)
    await ctx.db.patch(spaceId, {"name": name})
