"""Voting for posts and against them."""

from __future__ import annotations

from datetime import timedelta
from typing import TypedDict

from convexity.values import ConvexError, v

from ._generated.api import internal
from ._generated.data_model import Id, Posts, PostsDoc
from ._generated.server import (
    MutationCtx,
    QueryCtx,
    internal_mutation,
    internal_query,
    mutation,
    query,
)
from .schema import schema

_post = {"post": v.id("posts")}
_ballot = {**_post, "weight": v.optional(v.number())}
BATCH = 200
PAUSE = timedelta(seconds=1)
HEAVIEST = 3


class Tally(TypedDict):
    """What was voted."""

    up: float
    down: float


async def _require(ctx: QueryCtx, post: Id[Posts]) -> PostsDoc:
    found = await ctx.db.get(post)
    if found is None:
        raise ConvexError("no such post")
    return found


@mutation(args=_ballot, returns=v.null())
async def up(ctx: MutationCtx, post: Id[Posts], weight: float = 1) -> None:
    """Vote for a post."""
    found = await _require(ctx, post)
    await ctx.db.insert("up_votes", {"post": found["_id"], "weight": min(weight, HEAVIEST)})


@mutation(args=_ballot, returns=v.null())
async def down(ctx: MutationCtx, post: Id[Posts], weight: float = 1) -> None:
    """Vote against a post."""
    found = await _require(ctx, post)
    await ctx.db.insert("down_votes", {"post": found["_id"], "weight": min(weight, HEAVIEST)})


@query(args=_post, returns=v.object(Tally))
async def tally(ctx: QueryCtx, post: Id[Posts]) -> Tally:
    """The last thousand votes of each kind."""
    ups = await ctx.db.query("up_votes").with_index("by_post").eq("post", post).take(1000)
    downs = await ctx.db.query("down_votes").with_index("by_post").eq("post", post).take(1000)
    return {
        "up": sum(vote["weight"] for vote in ups),
        "down": sum(vote["weight"] for vote in downs),
    }


@query(args={"posts": v.array(v.id("posts"))}, returns=v.array(v.object(Tally)))
async def tallies(ctx: QueryCtx, posts: list[Id[Posts]]) -> list[Tally]:
    """The votes of several posts."""
    return [await ctx.run_query(internal.ballots.tally_of, post=post) for post in posts[:20]]


@internal_query(args=_post, returns=v.object(Tally))
async def tally_of(ctx: QueryCtx, post: Id[Posts]) -> Tally:
    """All votes of a post."""
    result: Tally = {"up": 0, "down": 0}
    async for up_vote in ctx.db.query("up_votes").with_index("by_post").eq("post", post):
        result["up"] += up_vote["weight"]
    async for down_vote in ctx.db.query("down_votes").with_index("by_post").eq("post", post):
        result["down"] += down_vote["weight"]
    return result


@mutation(args=_post, returns=v.null())
async def withdraw(ctx: MutationCtx, post: Id[Posts]) -> None:
    """Delete a post, and its votes later."""
    found = await _require(ctx, post)
    await ctx.db.delete(found["_id"])
    await ctx.scheduler.run_after(0, internal.ballots.discard, post=post)


@internal_mutation(args=_post, returns=v.null())
async def discard(ctx: MutationCtx, post: Id[Posts]) -> None:
    """Delete the votes for a post in batches."""
    votes = await ctx.db.query("up_votes").with_index("by_post").eq("post", post).take(BATCH)
    for vote in votes:
        await ctx.db.delete(vote["_id"])
    if len(votes) == BATCH:
        await ctx.scheduler.run_after(PAUSE, internal.ballots.discard, post=post)


@internal_query(args={}, returns=v.array(schema.doc("posts")))
async def recent(ctx: QueryCtx) -> list[PostsDoc]:
    """The newest posts."""
    return await ctx.db.query("posts").order("desc").take(10)
