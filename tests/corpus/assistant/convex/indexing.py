"""Reading documents and keeping their pieces."""

import httpx
from convexity.values import v

from ._generated.api import internal
from ._generated.data_model import Documents, DocumentsDoc, Id
from ._generated.server import ActionCtx, action, internal_action
from .chunking import pieces
from .models import embed

BATCH = 16


async def _read(ctx: ActionCtx, document: DocumentsDoc) -> str:
    source = document["source"]
    if source["type"] == "url":
        async with httpx.AsyncClient(follow_redirects=True) as client:
            answer = await client.get(source["url"])
            answer.raise_for_status()
            return answer.text
    if source["type"] == "file":
        blob = await ctx.storage.get(source["file"])
        return "" if blob is None else (await blob.read()).decode("utf-8", "replace")
    return document["title"]


@internal_action(args={"documentId": v.id("documents")}, returns=v.number())
async def index_document(ctx: ActionCtx, documentId: Id[Documents]) -> int:
    """Read a document and keep its pieces with their embeddings; returns how many."""
    document = await ctx.run_query(internal.documents.load, documentId=documentId)
    if document is None:
        return 0
    await ctx.run_mutation(internal.documents.set_status, documentId=documentId, status="indexing")
    try:
        texts = list(pieces(await _read(ctx, document)))
        for start in range(0, len(texts), BATCH):
            batch = texts[start : start + BATCH]
            for offset, embedding in enumerate(await embed(batch)):
                await ctx.run_mutation(
                    internal.documents.add_chunk,
                    documentId=documentId,
                    position=start + offset,
                    text=batch[offset],
                    embedding=embedding,
                )
    except httpx.HTTPError as problem:
        await ctx.run_mutation(
            internal.documents.set_status,
            documentId=documentId,
            status="failed",
            error=type(problem).__name__,
        )
        return 0
    await ctx.run_mutation(internal.documents.set_status, documentId=documentId, status="ready")
    return len(texts)


@action(args={"text": v.string()}, returns=v.number(), runtime="process")
async def count_pieces(ctx: ActionCtx, text: str) -> int:
    """How many pieces a text would be cut into; slow for long texts."""
    identity = await ctx.auth.get_user_identity()
    return sum(1 for _ in pieces(text)) if identity else 0
