"""Tables of the CMS."""

from convexity.server import define_schema, define_table
from convexity.values import v

from .content import block

page_fields = v.object(
    slug=v.string(),
    title=v.string(),
    blocks=v.array(block),
    tags=v.array(v.string()),
    authorId=v.id("authors"),
)

schema = define_schema(
    authors=define_table(name=v.string(), subject=v.string(), bio=v.nullable(v.string())).index(
        "by_subject", ["subject"]
    ),
    pages=define_table(
        page_fields.extend(
            {
                "state": v.union(
                    v.object(kind=v.literal("draft")),
                    v.object(kind=v.literal("scheduled"), job=v.id("_scheduled_functions")),
                    v.object(kind=v.literal("published"), at=v.number()),
                ),
                "body": v.string(),
            }
        )
    )
    .index("by_slug", ["slug"])
    .index("by_state_kind", ["state.kind"])
    .index("by_authorId_and_state_kind", ["authorId", "state.kind"])
    .search_index("search_body", search_field="body", filter_fields=["authorId"]),
    revisions=define_table(
        page_fields.omit("authorId").extend({"pageId": v.id("pages"), "number": v.number()})
    ).index("by_pageId_and_number", ["pageId", "number"]),
    assets=define_table(
        file=v.id("_storage"),
        name=v.string(),
        alt=v.optional(v.string()),
        size=v.number(),
        uploader=v.id("authors"),
    ).index("by_uploader", ["uploader"]),
    redirects=define_table({"from": v.string(), "to": v.string()}).index("by_from", ["from"]),
)
