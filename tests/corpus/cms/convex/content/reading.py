"""What visitors see."""

import typing

from convexity.server import (
    PaginationOptions,
    PaginationResult,
    pagination_opts_validator,
    pagination_result_validator,
)
from convexity.values import v

from .._generated.data_model import Authors, Id, PagesDoc
from .._generated.server import QueryCtx, internal_query, query
from ..schema import schema
from .rendering import html


class Teaser(typing.TypedDict):
    """What a list shows of a page."""

    slug: str
    title: str
    tags: list[str]
    author: str


async def _teaser(ctx: QueryCtx, page: PagesDoc) -> Teaser:
    author = await ctx.db.get(page["authorId"])
    return {
        "slug": page["slug"],
        "title": page["title"],
        "tags": page["tags"],
        "author": author["name"] if author is not None else "Anonymous",
    }


@query(args={"slug": v.string()}, returns=v.nullable(schema.doc("pages")))
async def by_slug(ctx: QueryCtx, slug: str) -> PagesDoc | None:
    """A published page."""
    page = await ctx.db.query("pages").with_index("by_slug").eq("slug", slug).first()
    return page if page is not None and page["state"]["kind"] == "published" else None


@query(
    args={"paginationOpts": pagination_opts_validator},
    returns=pagination_result_validator(v.object(Teaser)),
)
async def front(ctx: QueryCtx, paginationOpts: PaginationOptions) -> PaginationResult[Teaser]:
    """Published pages, the newest first."""
    pages = ctx.db.query("pages").with_index("by_state_kind").eq("state.kind", "published")
    found = await pages.order("desc").paginate(paginationOpts)
    return {
        "page": [await _teaser(ctx, page) for page in found["page"]],
        "isDone": found["isDone"],
        "continueCursor": found["continueCursor"],
    }


@query(
    args={"text": v.string(), "author": v.optional(v.id("authors"))},
    returns=v.array(v.object(Teaser)),
)
async def search(ctx: QueryCtx, text: str, author: Id[Authors] | None = None) -> list[Teaser]:
    """Published pages with words, of one author if that is wanted."""
    hits = ctx.db.query("pages").with_search_index("search_body").search("body", text)
    chosen = hits if author is None else hits.eq("authorId", author)
    return [
        await _teaser(ctx, page)
        for page in await chosen.take(30)
        if page["state"]["kind"] == "published"
    ]


@internal_query(args={"slug": v.string()}, returns=v.nullable(v.string()))
async def rendered(ctx: QueryCtx, slug: str) -> str | None:
    """A published page as HTML."""
    page = await ctx.db.query("pages").with_index("by_slug").eq("slug", slug).first()
    if page is None or page["state"]["kind"] != "published":
        return None
    urls: dict[str, str] = {}
    for entry in page["blocks"]:
        if entry["type"] != "picture":
            continue
        asset_id = ctx.db.normalize_id("assets", entry["asset"])
        if asset_id is None:
            continue
        asset = await ctx.db.get(asset_id)
        url = await ctx.storage.get_url(asset["file"]) if asset is not None else None
        if url is not None:
            urls[entry["asset"]] = url
    return html(page["blocks"], urls)


@internal_query(args={"path": v.string()}, returns=v.nullable(v.string()))
async def redirect_of(ctx: QueryCtx, path: str) -> str | None:
    """Where a path went."""
    found = await ctx.db.query("redirects").with_index("by_from").eq("from", path).first()
    return found and found["to"]
