"""Finding a game."""

import random
from datetime import timedelta

from convexity.values import to_millis, v

from ._generated.api import internal
from ._generated.data_model import Games, GamesDoc, Id, SeatsDoc
from ._generated.server import MutationCtx, QueryCtx, internal_mutation, mutation, query
from .rules import deck
from .schema import schema
from .session import Refused, game, player, seats_of

HAND = 6
MAX_SEATS = 4
TURN = timedelta(seconds=45)
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


@mutation(args={}, returns=v.string())
async def host(ctx: MutationCtx) -> str:
    """Open a game; returns its code."""
    me = await player(ctx)
    code = "".join(random.choices(_LETTERS, k=5))
    seed = random.randrange(1, 2**31)
    opened = await ctx.db.insert(
        "games",
        {
            "code": code,
            "hostId": me["_id"],
            "trump": "clubs",
            "stock": deck(seed),
            "table": [],
            "state": {"phase": "waiting"},
            "seed": seed,
        },
    )
    await ctx.db.insert(
        "seats",
        {"gameId": opened, "playerId": me["_id"], "position": 0, "hand": [], "points": 0},
    )
    return code


@mutation(args={"code": v.string()}, returns=v.id("games"))
async def join(ctx: MutationCtx, code: str) -> Id[Games]:
    """Sit down at a game that waits."""
    me = await player(ctx)
    found = await ctx.db.query("games").with_index("by_code").eq("code", code.upper()).first()
    if found is None or found["state"]["phase"] != "waiting":
        raise Refused("no such game")
    seats = await seats_of(ctx.db, found["_id"])
    if any(seat["playerId"] == me["_id"] for seat in seats):
        return found["_id"]
    if len(seats) >= MAX_SEATS:
        raise Refused("full")
    await ctx.db.insert(
        "seats",
        {
            "gameId": found["_id"],
            "playerId": me["_id"],
            "position": len(seats),
            "hand": [],
            "points": 0,
        },
    )
    return found["_id"]


@mutation(args={"gameId": v.id("games")}, returns=v.null())
async def begin(ctx: MutationCtx, gameId: Id[Games]) -> None:
    """Deal the cards."""
    me = await player(ctx)
    found = await game(ctx.db, gameId)
    seats = await seats_of(ctx.db, gameId)
    if found["hostId"] != me["_id"] or found["state"]["phase"] != "waiting" or len(seats) < 2:
        raise Refused("not now")
    stock = found["stock"]
    for seat in seats:
        dealt, stock = stock[:HAND], stock[HAND:]
        await ctx.db.patch(seat["_id"], {"hand": dealt})
    timer = await ctx.scheduler.run_after(TURN, internal.turns.time_out, gameId=gameId, turn=0)
    await ctx.db.patch(
        gameId,
        {
            "stock": stock[1:],
            "trump": stock[0]["suit"],
            "state": {
                "phase": "running",
                "turn": 0,
                "deadline": to_millis(ctx.now() + TURN),
                "timer": timer,
            },
        },
    )


@query(args={}, returns=v.array(schema.doc("games")))
async def waiting(ctx: QueryCtx) -> list[GamesDoc]:
    """Games that one can join."""
    games = ctx.db.query("games").with_index("by_state_phase").eq("state.phase", "waiting")
    return await games.order("desc").take(20)


@query(args={}, returns=v.array(schema.doc("seats")))
async def my_seats(ctx: QueryCtx) -> list[SeatsDoc]:
    """Where the caller sits."""
    me = await player(ctx)
    return await ctx.db.query("seats").with_index("by_playerId").eq("playerId", me["_id"]).take(20)


@internal_mutation(args={"olderThan": v.number()}, returns=v.number())
async def close_waiting(ctx: MutationCtx, olderThan: float) -> int:
    """Delete games that nobody began."""
    old = (
        await ctx.db.query("games")
        .with_index("by_state_phase")
        .eq("state.phase", "waiting")
        .lt("_creationTime", olderThan)
        .take(50)
    )
    for found in old:
        for seat in await seats_of(ctx.db, found["_id"]):
            await ctx.db.delete(seat["_id"])
        await ctx.db.delete(found["_id"])
    return len(old)


@internal_mutation(args={}, returns=v.null())
async def tidy(ctx: MutationCtx) -> None:
    """Close games that wait since yesterday."""
    await ctx.run_mutation(
        internal.lobby.close_waiting, olderThan=to_millis(ctx.now() - timedelta(days=1))
    )
