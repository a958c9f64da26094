"""Players and their friends."""

from convexity.values import v

from ._generated.data_model import Id, Players, PlayersDoc
from ._generated.server import MutationCtx, QueryCtx, internal_mutation, mutation, query
from .schema import schema
from .session import Refused, player

START_RATING = 1200.0


@mutation(args={"name": v.string()}, returns=v.id("players"))
async def choose_name(ctx: MutationCtx, name: str) -> Id[Players]:
    """Take a name, or change it."""
    identity = await ctx.auth.get_user_identity()
    if identity is None:
        raise Refused("sign in")
    known = (
        await ctx.db.query("players")
        .with_index("by_subject")
        .eq("subject", identity["subject"])
        .unique()
    )
    if known is not None:
        await ctx.db.patch(known["_id"], {"name": name})
        return known["_id"]
    return await ctx.db.insert(
        "players",
        {
            "name": name,
            "subject": identity["subject"],
            "rating": START_RATING,
            "settings": {"sound": True},
        },
    )


@query(args={"limit": v.optional(v.number())}, returns=v.array(schema.doc("players")))
async def best(ctx: QueryCtx, limit: int = 10) -> list[PlayersDoc]:
    """Players by rating."""
    return await ctx.db.query("players").with_index("by_rating").order("desc").take(min(limit, 50))


@mutation(args={"sound": v.boolean(), "deck": v.optional(v.string())}, returns=v.null())
async def configure(ctx: MutationCtx, sound: bool, deck: str | None = None) -> None:
    """Change one's settings."""
    me = await player(ctx)
    settings = me["settings"]
    settings["sound"] = sound
    if deck:
        settings["deck"] = deck
    else:
        settings.pop("deck", None)
    await ctx.db.patch(me["_id"], {"settings": settings})


@mutation(args={"friend": v.id("players")}, returns=v.boolean())
async def befriend(ctx: MutationCtx, friend: Id[Players]) -> bool:
    """Call somebody a friend; returns whether that is new."""
    me = await player(ctx)
    pairs = ctx.db.query("friendships").with_index("by_from_and_to").eq("from", me["_id"])
    if await pairs.eq("to", friend).first() is not None:
        return False
    await ctx.db.insert("friendships", {"from": me["_id"], "to": friend})
    return True


@query(args={}, returns=v.array(v.string()))
async def friends(ctx: QueryCtx) -> list[str]:
    """Names of the caller's friends."""
    me = await player(ctx)
    pairs = ctx.db.query("friendships").with_index("by_from_and_to").eq("from", me["_id"])
    ids = [pair["to"] for pair in await pairs.take(100)]
    return [found["name"] for found in await ctx.db.get_many(ids) if found is not None]


@internal_mutation(args={"winner": v.id("players"), "loser": v.id("players")}, returns=v.number())
async def rate(ctx: MutationCtx, winner: Id[Players], loser: Id[Players]) -> float:
    """Move rating points from one player to another; returns how many."""
    up, down = await ctx.db.get(winner), await ctx.db.get(loser)
    if up is None or down is None:
        return 0
    points = 32 / (1 + 10 ** ((up["rating"] - down["rating"]) / 400))
    await ctx.db.patch(winner, {"rating": up["rating"] + points})
    await ctx.db.patch(loser, {"rating": down["rating"] - points})
    return points


@mutation(args={"friend": v.id("players")}, returns=v.null())
async def unfriend(ctx: MutationCtx, friend: Id[Players]) -> None:
    """Call somebody a friend no more."""
    me = await player(ctx)
    pairs = ctx.db.query("friendships").with_index("by_from_and_to").eq("from", me["_id"])
    pair = await pairs.eq("to", friend).unique()
    if pair is not None:
        await ctx.db.delete(pair["_id"])
