"""Tables of the benchmark: those of the chat."""

from convexity.server import define_schema, define_table
from convexity.values import v

schema = define_schema(
    channels=define_table(name=v.string()),
    users=define_table(name=v.string()),
    messages=define_table(
        channelId=v.id("channels"),
        authorId=v.optional(v.id("users")),
        content=v.string(),
    ).index("by_channel", ["channelId"]),
)
