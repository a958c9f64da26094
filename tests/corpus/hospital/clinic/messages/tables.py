"""Tables of messages."""

from convexity.server import define_table
from convexity.values import v

messages = define_table(about=v.string(), text=v.string(), at=v.number(), seen=v.boolean()).index(
    "by_seen_and_at", ["seen", "at"]
)
