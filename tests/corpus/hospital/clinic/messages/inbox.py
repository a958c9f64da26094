"""Reading messages, and sending them to a pager."""

import httpx
from convexity.values import v

from .._generated.api import internal
from .._generated.data_model import Id, Messages, MessagesDoc
from .._generated.server import (
    ActionCtx,
    MutationCtx,
    QueryCtx,
    env,
    internal_action,
    internal_query,
    mutation,
    query,
)
from ..lib import require_staff
from ..schema import schema

_messages = v.array(schema.doc("messages"))


@query(args={}, returns=_messages)
async def unseen(ctx: QueryCtx) -> list[MessagesDoc]:
    """What nobody has read yet."""
    await require_staff(ctx)
    found = ctx.db.query("messages").with_index("by_seen_and_at").eq("seen", False)
    return await found.order("desc").take(100)


@mutation(args={"messageIds": v.array(v.id("messages"))}, returns=v.number())
async def acknowledge(ctx: MutationCtx, messageIds: list[Id[Messages]]) -> int:
    """Mark messages as read; returns how many were not."""
    await require_staff(ctx)
    fresh = [
        message
        for message in await ctx.db.get_many(messageIds)
        if message is not None and not message["seen"]
    ]
    for message in fresh:
        await ctx.db.patch(message["_id"], {"seen": True})
    return len(fresh)


@internal_query(args={"limit": v.number()}, returns=_messages)
async def waiting(ctx: QueryCtx, limit: int) -> list[MessagesDoc]:
    """The oldest messages that nobody has read."""
    found = ctx.db.query("messages").with_index("by_seen_and_at").eq("seen", False)
    return await found.take(limit)


@internal_action(args={}, returns=v.number())
async def page(ctx: ActionCtx) -> int:
    """Send what waits to the pager; returns how much it was."""
    if env.PAGER_URL is None:
        return 0
    messages = await ctx.run_query(internal.messages.inbox.waiting, limit=20)
    if messages:
        lines = [f"{message['about']}: {message['text']}" for message in messages]
        async with httpx.AsyncClient(timeout=10) as client:
            response = await client.post(env.PAGER_URL, json={"lines": lines})
        response.raise_for_status()
    return len(messages)
