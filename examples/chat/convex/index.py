"""Users, channels and messages, and the AI that answers each message."""

from convexity.values import ConvexError, v
from openai import AsyncOpenAI
from openai.types.chat import (
    ChatCompletionAssistantMessageParam,
    ChatCompletionMessageParam,
    ChatCompletionUserMessageParam,
)

from ._generated.api import internal
from ._generated.data_model import Channels, Id, IndexLoadContextResultItem, MessagesDoc, Users
from ._generated.server import (
    ActionCtx,
    MutationCtx,
    QueryCtx,
    internal_action,
    internal_mutation,
    internal_query,
    mutation,
    query,
)
from .schema import schema

HISTORY_LENGTH = 10


@mutation(args={"name": v.string()}, returns=v.id("users"))
async def create_user(ctx: MutationCtx, name: str) -> Id[Users]:
    """Create a user with a given name."""
    return await ctx.db.insert("users", {"name": name})


@mutation(args={"name": v.string()}, returns=v.id("channels"))
async def create_channel(ctx: MutationCtx, name: str) -> Id[Channels]:
    """Create a channel with a given name."""
    return await ctx.db.insert("channels", {"name": name})


@query(args={"channelId": v.id("channels")}, returns=v.array(schema.doc("messages")))
async def list_messages(ctx: QueryCtx, channelId: Id[Channels]) -> list[MessagesDoc]:
    """List the 10 most recent messages of a channel, newest first."""
    return await recent_messages(ctx, channelId)


@mutation(
    args={"channelId": v.id("channels"), "authorId": v.id("users"), "content": v.string()},
    returns=v.null(),
)
async def send_message(
    ctx: MutationCtx, channelId: Id[Channels], authorId: Id[Users], content: str
) -> None:
    """Send a message to a channel and schedule a response from the AI."""
    if await ctx.db.get(channelId) is None:
        raise ConvexError("Channel not found")
    if await ctx.db.get(authorId) is None:
        raise ConvexError("User not found")
    await ctx.db.insert(
        "messages", {"channelId": channelId, "authorId": authorId, "content": content}
    )
    await ctx.scheduler.run_after(0, internal.index.generate_response, channelId=channelId)


@internal_action(args={"channelId": v.id("channels")}, returns=v.null())
async def generate_response(ctx: ActionCtx, channelId: Id[Channels]) -> None:
    """Generate a response from the AI for a given channel."""
    context = await ctx.run_query(internal.index.load_context, channelId=channelId)
    async with AsyncOpenAI() as client:
        completion = await client.chat.completions.create(
            model="gpt-4o", messages=[as_chat_message(item) for item in context]
        )
    content = completion.choices[0].message.content
    if not content:
        raise ConvexError("No content in response")
    await ctx.run_mutation(
        internal.index.write_agent_response, channelId=channelId, content=content
    )


@internal_query(
    args={"channelId": v.id("channels")},
    returns=v.array(v.object(role=v.literal("user", "assistant"), content=v.string())),
)
async def load_context(ctx: QueryCtx, channelId: Id[Channels]) -> list[IndexLoadContextResultItem]:
    """Load the recent messages of a channel, oldest first, in the form the model expects."""
    if await ctx.db.get(channelId) is None:
        raise ConvexError("Channel not found")
    context: list[IndexLoadContextResultItem] = []
    for message in reversed(await recent_messages(ctx, channelId)):
        author_id = message.get("authorId")
        if author_id is None:
            context.append({"role": "assistant", "content": message["content"]})
            continue
        author = await ctx.db.get(author_id)
        if author is None:
            raise ConvexError("User not found")
        context.append({"role": "user", "content": f"{author['name']}: {message['content']}"})
    return context


@internal_mutation(args={"channelId": v.id("channels"), "content": v.string()}, returns=v.null())
async def write_agent_response(ctx: MutationCtx, channelId: Id[Channels], content: str) -> None:
    """Write an AI response to a given channel."""
    await ctx.db.insert("messages", {"channelId": channelId, "content": content})


async def recent_messages(ctx: QueryCtx, channel_id: Id[Channels]) -> list[MessagesDoc]:
    """Return the latest messages of a channel, newest first."""
    return await (
        ctx.db.query("messages")
        .with_index("by_channel")
        .eq("channelId", channel_id)
        .order("desc")
        .take(HISTORY_LENGTH)
    )


def as_chat_message(item: IndexLoadContextResultItem) -> ChatCompletionMessageParam:
    """Turn a context item into the message type of the openai package."""
    if item["role"] == "user":
        return ChatCompletionUserMessageParam(role="user", content=item["content"])
    return ChatCompletionAssistantMessageParam(role="assistant", content=item["content"])
