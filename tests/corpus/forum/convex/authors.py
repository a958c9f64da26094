"""Those who write."""

from __future__ import annotations

from convexity.values import UNSET, ConvexError, v

from ._generated.data_model import Authors, AuthorsDoc, Id
from ._generated.server import (
    MutationCtx,
    QueryCtx,
    internal_mutation,
    internal_query,
    mutation,
    query,
)
from .schema import schema

_author = {"author": schema.id("authors")}


async def require_author(ctx: QueryCtx, author: Id[Authors]) -> AuthorsDoc:
    """An author who exists."""
    if (found := await ctx.db.get(author)) is None:
        raise ConvexError({"code": "no_author", "author": author})
    return found


@query(args=_author, returns=schema.doc("authors"))
async def show(ctx: QueryCtx, author: Id[Authors]) -> AuthorsDoc:
    """One author."""
    return await require_author(ctx, author)


@query(args={"authors": v.array(v.id("authors"))}, returns=v.record(v.id("authors"), v.string()))
async def names(ctx: QueryCtx, authors: list[Id[Authors]]) -> dict[Id[Authors], str]:
    """The names of authors; those that are gone are left out."""
    found = await ctx.db.get_many(authors)
    return {author["_id"]: author["name"] for author in found if author is not None}


@query(args=_author, returns=v.boolean())
async def has_website(ctx: QueryCtx, author: Id[Authors]) -> bool:
    """Whether an author has a website."""
    return (await require_author(ctx, author)).get("website") is not None


@mutation(args={**_author, "name": v.string()}, returns=v.null())
async def rename(ctx: MutationCtx, author: Id[Authors], name: str) -> None:
    """Give an author another name."""
    if not name.strip():
        raise ConvexError({"code": "empty_name"})
    await require_author(ctx, author)
    await ctx.db.patch(author, {"name": name.strip()})


@mutation(args=_author, returns=v.null())
async def forget_website(ctx: MutationCtx, author: Id[Authors]) -> None:
    """Take the website of an author away."""
    await require_author(ctx, author)
    await ctx.db.patch(author, {"website": UNSET})


@internal_mutation(args={**_author, "limit": v.number()}, returns=v.number())
async def silence(ctx: MutationCtx, author: Id[Authors], limit: int) -> int:
    """Delete posts of an author; returns how many."""
    posts = ctx.db.query("posts").with_index("by_authorId_and_likes").eq("authorId", author)
    found = await posts.take(limit)
    for post in found:
        await ctx.db.delete(post["_id"])
    return len(found)


@internal_query(args={"limit": v.number()}, returns=v.array(schema.doc("authors")))
async def newest(ctx: QueryCtx, limit: int) -> list[AuthorsDoc]:
    """The authors who came last."""
    return await ctx.db.query("authors").order("desc").take(limit)
