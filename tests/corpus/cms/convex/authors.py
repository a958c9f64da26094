"""Authors, and who is writing."""

from __future__ import annotations

from convexity.values import ConvexError, v

from ._generated.data_model import Authors, AuthorsDoc, Id
from ._generated.server import MutationCtx, QueryCtx, internal_query, mutation, query
from .schema import schema

author_doc = schema.doc("authors")


async def find_me(ctx: QueryCtx) -> AuthorsDoc | None:
    """The author who is signed in, if that is an author."""
    if (identity := await ctx.auth.get_user_identity()) is None:
        return None
    return (
        await ctx.db.query("authors")
        .with_index("by_subject")
        .eq("subject", identity["tokenIdentifier"])
        .unique()
    )


async def require_me(ctx: QueryCtx) -> AuthorsDoc:
    """The author who is signed in."""
    if (author := await find_me(ctx)) is None:
        raise ConvexError("authors only")
    return author


@query(args={}, returns=v.nullable(author_doc))
async def me(ctx: QueryCtx) -> AuthorsDoc | None:
    """The caller, if that is an author."""
    return await find_me(ctx)


@mutation(args={"name": v.string()}, returns=v.id("authors"))
async def join(ctx: MutationCtx, name: str) -> Id[Authors]:
    """Become an author."""
    identity = await ctx.auth.get_user_identity()
    if identity is None:
        raise ConvexError("sign in first")
    if (known := await find_me(ctx)) is not None:
        return known["_id"]
    return await ctx.db.insert(
        "authors", {"name": name, "subject": identity["tokenIdentifier"], "bio": None}
    )


@mutation(args={"bio": v.nullable(v.string())}, returns=v.null())
async def set_bio(ctx: MutationCtx, bio: str | None) -> None:
    """Write about oneself."""
    author = await require_me(ctx)
    await ctx.db.patch(author["_id"], {"bio": bio})


@internal_query(args={"author": v.id("authors")}, returns=v.string())
async def name_of(ctx: QueryCtx, author: Id[Authors]) -> str:
    """The name of an author."""
    found = await ctx.db.get(author)
    return found["name"] if found else "Anonymous"
