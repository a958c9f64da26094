"""Tables about people."""

from convexity.server import define_table
from convexity.values import v

_players = define_table(
    {
        "name": v.string(),
        "subject": v.string(),
        "rating": v.number(),
        "settings": v.object({"sound": v.boolean(), "deck": v.optional(v.string())}),
    }
)
players = _players.index("by_subject", ["subject"]).index("by_rating", ["rating"])

friendships = define_table({"from": v.id("players"), "to": v.id("players")}).index(
    "by_from_and_to", ["from", "to"]
)
