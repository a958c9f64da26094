"""Answers from what was found."""

from convexity.values import v
from openai.types.chat import ChatCompletionMessageParam as Message

from ._generated.api import internal
from ._generated.data_model import (
    Chunks,
    ChunksDoc,
    Conversations,
    Id,
    Spaces,
    TurnsCitationsItem,
)
from ._generated.server import (
    ActionCtx,
    QueryCtx,
    action,
    internal_action,
    internal_query,
    query,
)
from .models import complete, embed
from .schema import schema
from .spaces import require_space

PROMPT = "Answer from these passages alone. Say so when they do not tell.\n\n"


@internal_query(args={"ids": v.array(v.id("chunks"))}, returns=v.array(schema.doc("chunks")))
async def load_chunks(ctx: QueryCtx, ids: list[Id[Chunks]]) -> list[ChunksDoc]:
    """Pieces by id; those that are gone are left out."""
    return [chunk for chunk in await ctx.db.get_many(ids) if chunk is not None]


async def _similar(
    ctx: ActionCtx, space: Id[Spaces], text: str, limit: int = 6
) -> tuple[list[ChunksDoc], list[TurnsCitationsItem]]:
    (vector,) = await embed([text])
    hits = await ctx.vector_search(
        "chunks", "by_embedding", vector=vector, limit=limit, any_of=[("spaceId", space)]
    )
    chunks = await ctx.run_query(internal.answering.load_chunks, ids=[hit["_id"] for hit in hits])
    citations: list[TurnsCitationsItem] = [
        {"chunkId": hit["_id"], "score": hit["_score"]} for hit in hits
    ]
    return chunks, citations


@internal_action(
    args={"conversationId": v.id("conversations"), "question": v.string()}, returns=v.null()
)
async def answer(ctx: ActionCtx, conversationId: Id[Conversations], question: str) -> None:
    """Answer a question and keep the answer."""
    known = await ctx.run_query(internal.conversations.context, conversationId=conversationId)
    chunks, citations = await _similar(ctx, known["spaceId"], question)
    passages = "\n---\n".join(chunk["text"] for chunk in chunks)
    messages: list[Message] = [{"role": "system", "content": PROMPT + passages}]
    for turn in known["turns"]:
        if turn["role"] == "user":
            messages.append({"role": "user", "content": turn["text"]})
        else:
            messages.append({"role": "assistant", "content": turn["text"]})
    text, tokens = await complete(messages)
    await ctx.run_mutation(
        internal.conversations.write_answer,
        conversationId=conversationId,
        text=text,
        citations=citations,
        tokens=tokens,
    )


@query(args={"spaceId": v.id("spaces"), "text": v.string()}, returns=v.array(v.string()))
async def find_text(ctx: QueryCtx, spaceId: Id[Spaces], text: str) -> list[str]:
    """Pieces that hold words."""
    await require_space(ctx, spaceId)
    found = (
        await ctx.db.query("chunks")
        .with_search_index("search_text")
        .search("text", text)
        .eq("spaceId", spaceId)
        .take(10)
    )
    return [chunk["text"] for chunk in found]


@action(args={"text": v.string()}, returns=v.array(v.number()))
async def preview_embedding(ctx: ActionCtx, text: str) -> list[float]:
    """The first numbers of an embedding, for those who are curious."""
    if await ctx.auth.get_user_identity() is None:
        return []
    return (await embed([text]))[0][:8]
