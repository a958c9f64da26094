"""Who plays."""

from convexity.values import ConvexError

from ._generated.data_model import Games, GamesDoc, Id, PlayersDoc, SeatsDoc
from ._generated.server import DatabaseReader, QueryCtx


class Refused(ConvexError):
    """A move or request that the rules do not allow."""

    def __init__(self, reason: str) -> None:
        super().__init__({"refused": reason})


async def player(ctx: QueryCtx) -> PlayersDoc:
    """The player who is signed in."""
    identity = await ctx.auth.get_user_identity()
    if identity is None:
        raise Refused("sign in")
    by_subject = ctx.db.query("players").with_index("by_subject")
    found = await by_subject.eq("subject", identity["subject"]).unique()
    if found is None:
        raise Refused("choose a name first")
    return found


async def game(db: DatabaseReader, game_id: Id[Games]) -> GamesDoc:
    """A game that exists."""
    found = await db.get(game_id)
    if found is None:
        raise Refused("no such game")
    return found


async def seats_of(db: DatabaseReader, game_id: Id[Games]) -> list[SeatsDoc]:
    """Seats in order."""
    return (
        await db.query("seats").with_index("by_gameId_and_position").eq("gameId", game_id).take(6)
    )


async def seat_at(db: DatabaseReader, game_id: Id[Games], position: float) -> SeatsDoc:
    """The seat at a position."""
    seat = (
        await db.query("seats")
        .with_index("by_gameId_and_position")
        .eq("gameId", game_id)
        .eq("position", position)
        .unique()
    )
    if seat is None:
        raise Refused("no such seat")
    return seat
