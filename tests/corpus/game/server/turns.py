"""Turn after turn."""

from convexity.values import to_millis, v

from ._generated.api import internal
from ._generated.data_model import (
    Games,
    GamesDoc,
    GamesStateRunning,
    Id,
    LogDoc,
    SeatsDoc,
    TurnsViewResult,
)
from ._generated.server import (
    MutationCtx,
    QueryCtx,
    internal_mutation,
    internal_query,
    mutation,
    query,
)
from .lobby import TURN
from .rules import Card, Move
from .rules import play as apply_move
from .schema import schema
from .session import Refused, game, player, seat_at, seats_of
from .tables import shapes


async def _running(ctx: QueryCtx, game_id: Id[Games]) -> tuple[GamesDoc, GamesStateRunning]:
    found = await game(ctx.db, game_id)
    if found["state"]["phase"] != "running":
        raise Refused("not running")
    return found, found["state"]


async def _next_turn(ctx: MutationCtx, found: GamesDoc, turn: float) -> None:
    timer = await ctx.scheduler.run_after(
        TURN, internal.turns.time_out, gameId=found["_id"], turn=turn
    )
    state: GamesStateRunning = {
        "phase": "running",
        "turn": turn,
        "deadline": to_millis(ctx.now() + TURN),
        "timer": timer,
    }
    await ctx.db.patch(found["_id"], {"state": state})


async def _finish(ctx: MutationCtx, found: GamesDoc, seats: list[SeatsDoc]) -> None:
    ranking = sorted(seats, key=lambda seat: seat["points"], reverse=True)
    first, last = ranking[0], ranking[-1]
    winner = first["playerId"] if first["points"] > last["points"] else None
    await ctx.db.patch(found["_id"], {"state": {"phase": "finished", "winner": winner}})
    if winner is not None:
        await ctx.scheduler.run_after(
            0, internal.players.rate, winner=winner, loser=last["playerId"]
        )


@mutation(args={"gameId": v.id("games"), "move": shapes.move}, returns=v.number())
async def play(ctx: MutationCtx, gameId: Id[Games], move: Move) -> float:
    """Make a move; returns what it scored."""
    me = await player(ctx)
    found, state = await _running(ctx, gameId)
    seats = await seats_of(ctx.db, gameId)
    seat = await seat_at(ctx.db, gameId, state["turn"] % len(seats))
    if seat["playerId"] != me["_id"]:
        raise Refused("not your turn")
    outcome = apply_move(seat["hand"], found["table"], move, found["trump"])
    if outcome is None:
        raise Refused("no such card")
    await ctx.scheduler.cancel(state["timer"])
    await ctx.db.insert(
        "log",
        {
            "gameId": gameId,
            "position": seat["position"],
            "move": move,
            "at": to_millis(ctx.now()),
        },
    )
    await ctx.db.patch(
        seat["_id"], {"hand": outcome["hand"], "points": seat["points"] + outcome["scored"]}
    )
    await ctx.db.patch(gameId, {"table": outcome["table"]})
    if not outcome["hand"]:
        await _finish(ctx, found, await seats_of(ctx.db, gameId))
    else:
        await _next_turn(ctx, found, state["turn"] + 1)
    return outcome["scored"]


@internal_mutation(args={"gameId": v.id("games"), "turn": v.number()}, returns=v.null())
async def time_out(ctx: MutationCtx, gameId: Id[Games], turn: float) -> None:
    """Pass for a player who took too long."""
    found = await ctx.db.get(gameId)
    if found is None or found["state"]["phase"] != "running":
        return
    if found["state"]["turn"] == turn:
        await _next_turn(ctx, found, turn + 1)


@query(args={"gameId": v.id("games")}, returns=v.array(v.object(suit=shapes.suit, rank=v.number())))
async def my_hand(ctx: QueryCtx, gameId: Id[Games]) -> list[Card]:
    """Cards of the caller."""
    me = await player(ctx)
    for seat in await seats_of(ctx.db, gameId):
        if seat["playerId"] == me["_id"]:
            return seat["hand"]
    return []


@query(
    args={"gameId": v.id("games")},
    returns=v.object(
        state=shapes.phase,
        table=v.array(shapes.card),
        players=v.record(v.id("players"), v.number()),
    ),
)
async def view(ctx: QueryCtx, gameId: Id[Games]) -> TurnsViewResult:
    """What everyone sees."""
    found = await game(ctx.db, gameId)
    seats = await seats_of(ctx.db, gameId)
    return {
        "state": found["state"],
        "table": found["table"],
        "players": {seat["playerId"]: len(seat["hand"]) for seat in seats},
    }


@internal_query(args={"gameId": v.id("games")}, returns=v.array(schema.doc("log")))
async def replay(ctx: QueryCtx, gameId: Id[Games]) -> list[LogDoc]:
    """All moves of a game."""
    moves = ctx.db.query("log").with_index("by_gameId_and_at").eq("gameId", gameId)
    return [entry async for entry in moves]


@mutation(args={"gameId": v.id("games")}, returns=v.null())
async def resign(ctx: MutationCtx, gameId: Id[Games]) -> None:
    """Give up."""
    me = await player(ctx)
    found, state = await _running(ctx, gameId)
    await ctx.scheduler.cancel(state["timer"])
    others = [s for s in await seats_of(ctx.db, gameId) if s["playerId"] != me["_id"]]
    await _finish(ctx, found, others)
