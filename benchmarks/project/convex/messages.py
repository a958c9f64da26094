"""The measured functions and the seed of their data."""

from convexity.values import ConvexError, v

from ._generated.data_model import Channels, Id, MessagesDoc, Users
from ._generated.server import (
    MutationCtx,
    QueryCtx,
    internal_mutation,
    mutation,
    query,
)
from .schema import schema


@query(args={"channelId": v.id("channels")}, returns=v.array(schema.doc("messages")))
async def list_messages(ctx: QueryCtx, channelId: Id[Channels]) -> list[MessagesDoc]:
    """The 10 most recent messages of a channel, newest first."""
    return await (
        ctx.db.query("messages")
        .with_index("by_channel")
        .eq("channelId", channelId)
        .order("desc")
        .take(10)
    )


@query(
    args={"channelId": v.id("channels"), "before": v.number()},
    returns=v.array(schema.doc("messages")),
)
async def list_messages_before(
    ctx: QueryCtx, channelId: Id[Channels], before: float
) -> list[MessagesDoc]:
    """The 10 most recent messages of a channel before a time, newest first."""
    return await (
        ctx.db.query("messages")
        .with_index("by_channel")
        .eq("channelId", channelId)
        .lt("_creationTime", before)
        .order("desc")
        .take(10)
    )


@mutation(
    args={"channelId": v.id("channels"), "authorId": v.id("users"), "content": v.string()},
    returns=v.null(),
)
async def send_message(
    ctx: MutationCtx, channelId: Id[Channels], authorId: Id[Users], content: str
) -> None:
    """Send a message to a channel."""
    if await ctx.db.get(channelId) is None:
        raise ConvexError("Channel not found")
    if await ctx.db.get(authorId) is None:
        raise ConvexError("User not found")
    await ctx.db.insert(
        "messages", {"channelId": channelId, "authorId": authorId, "content": content}
    )


@internal_mutation(args={"name": v.string()}, returns=v.id("users"))
async def create_user(ctx: MutationCtx, name: str) -> Id[Users]:
    """Create a user."""
    return await ctx.db.insert("users", {"name": name})


@internal_mutation(
    args={"authorId": v.id("users"), "channels": v.number(), "messages": v.number()},
    returns=v.array(v.id("channels")),
)
async def fill_channels(
    ctx: MutationCtx, authorId: Id[Users], channels: int, messages: int
) -> list[Id[Channels]]:
    """Create a number of channels, with a number of messages in each."""
    created = [
        await ctx.db.insert("channels", {"name": f"channel {number}"}) for number in range(channels)
    ]
    for channel in created:
        for number in range(messages):
            await ctx.db.insert(
                "messages",
                {"channelId": channel, "authorId": authorId, "content": f"message {number}"},
            )
    return created
