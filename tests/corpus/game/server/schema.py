"""The schema, put together."""

from convexity.server import define_schema

from .tables import people
from .tables.play import games, log, seats

schema = define_schema(
    players=people.players, friendships=people.friendships, games=games, seats=seats, log=log
)
