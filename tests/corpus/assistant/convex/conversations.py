"""Questions and answers."""

from datetime import timedelta

from convexity.values import ConvexError, v

from ._generated.api import internal
from ._generated.data_model import (
    Conversations,
    ConversationsContextResult,
    ConversationsDoc,
    Id,
    Spaces,
    Turns,
    TurnsCitationsItem,
    TurnsDoc,
)
from ._generated.server import (
    MutationCtx,
    QueryCtx,
    internal_mutation,
    internal_query,
    mutation,
    query,
)
from .schema import citation, schema
from .spaces import require_space

_turns = v.array(schema.doc("turns"))


async def _require(ctx: QueryCtx, conversation_id: Id[Conversations]) -> ConversationsDoc:
    conversation = await ctx.db.get(conversation_id)
    if conversation is None:
        raise ConvexError("Conversation not found")
    await require_space(ctx, conversation["spaceId"])
    return conversation


async def _last(ctx: QueryCtx, conversation: Id[Conversations], count: int) -> list[TurnsDoc]:
    turns = ctx.db.query("turns").with_index("by_conversationId")
    newest = await turns.eq("conversationId", conversation).order("desc").take(count)
    return newest[::-1]


@mutation(args={"spaceId": v.id("spaces"), "question": v.string()}, returns=v.id("conversations"))
async def start(ctx: MutationCtx, spaceId: Id[Spaces], question: str) -> Id[Conversations]:
    """Ask a first question."""
    await require_space(ctx, spaceId)
    conversation = await ctx.db.insert(
        "conversations", {"spaceId": spaceId, "title": question[:60]}
    )
    await _ask(ctx, conversation, question)
    return conversation


@mutation(args={"conversationId": v.id("conversations"), "question": v.string()}, returns=v.null())
async def ask(ctx: MutationCtx, conversationId: Id[Conversations], question: str) -> None:
    """Ask another question."""
    await _require(ctx, conversationId)
    await _ask(ctx, conversationId, question)


async def _ask(ctx: MutationCtx, conversation: Id[Conversations], question: str) -> None:
    await ctx.db.insert(
        "turns",
        {"conversationId": conversation, "role": "user", "text": question, "citations": []},
    )
    await ctx.scheduler.run_after(
        timedelta(milliseconds=50),
        internal.answering.answer,
        conversationId=conversation,
        question=question,
    )


@query(args={"conversationId": v.id("conversations")}, returns=_turns)
async def turns(ctx: QueryCtx, conversationId: Id[Conversations]) -> list[TurnsDoc]:
    """What was said."""
    await _require(ctx, conversationId)
    return await _last(ctx, conversationId, 200)


@query(args={"spaceId": v.id("spaces")}, returns=v.array(schema.doc("conversations")))
async def of_space(ctx: QueryCtx, spaceId: Id[Spaces]) -> list[ConversationsDoc]:
    """The newest conversations of a space."""
    await require_space(ctx, spaceId)
    found = ctx.db.query("conversations").with_index("by_spaceId").eq("spaceId", spaceId)
    return await found.order("desc").take(20)


@internal_query(
    args={"conversationId": v.id("conversations")},
    returns=v.object(spaceId=v.id("spaces"), turns=_turns),
)
async def context(ctx: QueryCtx, conversationId: Id[Conversations]) -> ConversationsContextResult:
    """What the model is to know of a conversation."""
    conversation = await ctx.db.get(conversationId)
    if conversation is None:
        raise ConvexError("Conversation not found")
    return {"spaceId": conversation["spaceId"], "turns": await _last(ctx, conversationId, 10)}


@internal_mutation(
    args={
        "conversationId": v.id("conversations"),
        "text": v.string(),
        "citations": v.array(citation),
        "tokens": v.number(),
    },
    returns=v.id("turns"),
)
async def write_answer(
    ctx: MutationCtx,
    conversationId: Id[Conversations],
    text: str,
    citations: list[TurnsCitationsItem],
    tokens: int,
) -> Id[Turns]:
    """Keep what the model said."""
    return await ctx.db.insert(
        "turns",
        {
            "conversationId": conversationId,
            "role": "assistant",
            "text": text,
            "citations": citations,
            "tokens": tokens,
        },
    )
