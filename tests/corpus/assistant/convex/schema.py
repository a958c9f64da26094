"""Tables of the assistant."""

from convexity.server import define_schema, define_table
from convexity.values import v

DIMENSIONS = 1536

role = v.union(v.literal("user"), v.literal("assistant"))
citation = v.object(chunkId=v.id("chunks"), score=v.number())

schema = define_schema(
    spaces=define_table(name=v.string(), ownerId=v.string()).index("by_ownerId", ["ownerId"]),
    documents=define_table(
        spaceId=v.id("spaces"),
        title=v.string(),
        source=v.union(
            v.object(type=v.literal("url"), url=v.string()),
            v.object(type=v.literal("file"), file=v.id("_storage")),
            v.object(type=v.literal("text")),
        ),
        status=v.literal("new", "indexing", "ready", "failed"),
        error=v.optional(v.string()),
    ).index("by_spaceId_and_status", ["spaceId", "status"]),
    chunks=define_table(
        documentId=v.id("documents"),
        spaceId=v.id("spaces"),
        position=v.number(),
        text=v.string(),
        embedding=v.array(v.number()),
    )
    .index("by_documentId_and_position", ["documentId", "position"])
    .search_index("search_text", search_field="text", filter_fields=["spaceId"])
    .vector_index(
        "by_embedding",
        vector_field="embedding",
        dimensions=DIMENSIONS,
        filter_fields=["spaceId", "documentId"],
    ),
    conversations=define_table(spaceId=v.id("spaces"), title=v.string()).index(
        "by_spaceId", ["spaceId"]
    ),
    turns=define_table(
        conversationId=v.id("conversations"),
        role=role,
        text=v.string(),
        citations=v.array(citation),
        tokens=v.optional(v.number()),
    ).index("by_conversationId", ["conversationId"]),
)
