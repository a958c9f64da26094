"""Tables about games."""

from convexity.server import define_table
from convexity.values import v

from .shapes import card, hand, move, phase, suit

games = (
    define_table(
        code=v.string(),
        hostId=v.id("players"),
        trump=suit,
        stock=v.array(card),
        table=v.array(card),
        state=phase,
        seed=v.number(),
    )
    .index("by_code", ["code"])
    .index("by_state_phase", ["state.phase"])
)

seats = (
    define_table(
        gameId=v.id("games"),
        playerId=v.id("players"),
        position=v.number(),
        hand=hand,
        points=v.number(),
    )
    .index("by_gameId_and_position", ["gameId", "position"])
    .index("by_playerId", ["playerId"])
)

log = define_table(gameId=v.id("games"), position=v.number(), move=move, at=v.number()).index(
    "by_gameId_and_at", ["gameId", "at"]
)
