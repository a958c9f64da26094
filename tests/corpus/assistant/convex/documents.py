"""Documents: added by people, indexed by actions."""

from typing import Literal

from convexity.values import ConvexError, v

from ._generated.api import internal
from ._generated.data_model import (
    Chunks,
    ChunksFields,
    Documents,
    DocumentsDoc,
    Id,
    Spaces,
    Storage,
)
from ._generated.server import (
    MutationCtx,
    QueryCtx,
    internal_mutation,
    internal_query,
    mutation,
    query,
)
from .schema import schema
from .spaces import require_space

Status = Literal["new", "indexing", "ready", "failed"]

ARGS_OF_PIECE = {"position": v.number(), "text": v.string(), "embedding": v.array(v.number())}


async def _require_document(ctx: QueryCtx, document_id: Id[Documents]) -> DocumentsDoc:
    document = await ctx.db.get(document_id)
    if document is None:
        raise ConvexError("Document not found")
    await require_space(ctx, document["spaceId"])
    return document


@mutation(
    args={"spaceId": v.id("spaces"), "title": v.string(), "url": v.string()},
    returns=v.id("documents"),
)
async def add_url(ctx: MutationCtx, spaceId: Id[Spaces], title: str, url: str) -> Id[Documents]:
    """Add a page of the web."""
    await require_space(ctx, spaceId)
    document = await ctx.db.insert(
        "documents",
        {
            "spaceId": spaceId,
            "title": title,
            "source": {"type": "url", "url": url},
            "status": "new",
        },
    )
    await ctx.scheduler.run_after(0, internal.indexing.index_document, documentId=document)
    return document


@mutation(
    args={"spaceId": v.id("spaces"), "title": v.string(), "file": v.id("_storage")},
    returns=v.id("documents"),
)
async def add_file(
    ctx: MutationCtx, spaceId: Id[Spaces], title: str, file: Id[Storage]
) -> Id[Documents]:
    """Add a file that was uploaded."""
    await require_space(ctx, spaceId)
    document = await ctx.db.insert(
        "documents",
        {
            "spaceId": spaceId,
            "title": title,
            "source": {"type": "file", "file": file},
            "status": "new",
        },
    )
    await ctx.scheduler.run_after(0, internal.indexing.index_document, documentId=document)
    return document


@mutation(args={"spaceId": v.id("spaces")}, returns=v.string())
async def upload_url(ctx: MutationCtx, spaceId: Id[Spaces]) -> str:
    """Where a file can be sent to."""
    await require_space(ctx, spaceId)
    return await ctx.storage.generate_upload_url()


@query(
    args={
        "spaceId": v.id("spaces"),
        "status": v.optional(v.literal("new", "indexing", "ready", "failed")),
    },
    returns=v.array(schema.doc("documents")),
)
async def listing(
    ctx: QueryCtx, spaceId: Id[Spaces], status: Status = "ready"
) -> list[DocumentsDoc]:
    """Documents of a space."""
    await require_space(ctx, spaceId)
    return (
        await ctx.db.query("documents")
        .with_index("by_spaceId_and_status")
        .eq("spaceId", spaceId)
        .eq("status", status)
        .order("desc")
        .take(100)
    )


@internal_query(args={"documentId": v.id("documents")}, returns=v.nullable(schema.doc("documents")))
async def load(ctx: QueryCtx, documentId: Id[Documents]) -> DocumentsDoc | None:
    """A document, for the action that indexes it."""
    return await ctx.db.get(documentId)


@internal_mutation(
    args={
        "documentId": v.id("documents"),
        "status": v.literal("new", "indexing", "ready", "failed"),
        "error": v.optional(v.string()),
    },
    returns=v.null(),
)
async def set_status(
    ctx: MutationCtx, documentId: Id[Documents], status: Status, error: str | None = None
) -> None:
    """Note how far indexing is."""
    await ctx.db.patch(documentId, {"status": status})
    if error is not None:
        await ctx.db.patch(documentId, {"error": error})


@internal_mutation(args={"documentId": v.id("documents"), **ARGS_OF_PIECE}, returns=v.id("chunks"))
async def add_chunk(
    ctx: MutationCtx,
    documentId: Id[Documents],
    position: int,
    text: str,
    embedding: list[float],
) -> Id[Chunks]:
    """Keep a piece of a document."""
    document = await ctx.db.get(documentId)
    if document is None:
        raise ConvexError("Document not found")
    fields: ChunksFields = {
        "documentId": documentId,
        "spaceId": document["spaceId"],
        "position": position,
        "text": text,
        "embedding": embedding,
    }
    return await ctx.db.insert("chunks", fields)


@mutation(args={"documentId": v.id("documents")}, returns=v.null())
async def remove(ctx: MutationCtx, documentId: Id[Documents]) -> None:
    """Delete a document with its pieces."""
    document = await _require_document(ctx, documentId)
    chunks = ctx.db.query("chunks").with_index("by_documentId_and_position")
    async for chunk in chunks.eq("documentId", documentId):
        await ctx.db.delete(chunk["_id"])
    if document["source"]["type"] == "file":
        await ctx.storage.delete(document["source"]["file"])
    await ctx.db.delete(documentId)
