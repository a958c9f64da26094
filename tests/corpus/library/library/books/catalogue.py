"""Titles, and the copies there are of them."""

from typing import Literal, TypeAlias

from convexity.server import (
    PaginationOptions,
    PaginationResult,
    pagination_opts_validator,
    pagination_result_validator,
)
from convexity.values import ConvexError, v

from .._generated import data_model as dm
from .._generated.server import MutationCtx, QueryCtx, internal_mutation, query
from ..schema import medium as medium_validator
from ..schema import schema

Medium: TypeAlias = Literal["book", "film", "magazine"]
TitleId: TypeAlias = dm.Id[dm.Titles]

title_doc, copy_doc = schema.doc("titles"), schema.doc("copies")


@query(
    args={"medium": medium_validator, "paginationOpts": pagination_opts_validator},
    returns=pagination_result_validator(title_doc),
)
async def browse(
    ctx: QueryCtx, medium: Medium, paginationOpts: PaginationOptions
) -> PaginationResult[dm.TitlesDoc]:
    """Titles by name, in pages."""
    titles = ctx.db.query("titles").with_index("by_medium_and_name").eq("medium", medium)
    return await titles.paginate(paginationOpts)


@query(
    args={"words": v.string(), "medium": v.optional(medium_validator)}, returns=v.array(title_doc)
)
async def search(ctx: QueryCtx, words: str, medium: Medium | None = None) -> list[dm.TitlesDoc]:
    """Titles whose names hold words."""
    if not words.strip():
        return []
    found = ctx.db.query("titles").with_search_index("search_name").search("name", words)
    return await (found if medium is None else found.eq("medium", medium)).take(30)


@query(args={"isbn": v.string()}, returns=v.nullable(title_doc))
async def by_isbn(ctx: QueryCtx, isbn: str) -> dm.TitlesDoc | None:
    """The title with a number."""
    number = isbn.replace("-", "")
    return await ctx.db.query("titles").with_index("by_isbn").eq("isbn", number).first()


@query(args={"titleId": v.id("titles")}, returns=v.number())
async def on_shelf(ctx: QueryCtx, titleId: TitleId) -> int:
    """How many copies can be taken home."""
    copies = ctx.db.query("copies").with_index("by_titleId_and_state").eq("titleId", titleId)
    return len(await copies.eq("state", "in").take(100))


@query(args={"shelf": v.string()}, returns=v.array(copy_doc))
async def shelf(ctx: QueryCtx, shelf: str) -> list[dm.CopiesDoc]:
    """What is on a shelf."""
    copies = await ctx.db.query("copies").with_index("by_shelf").eq("shelf", shelf).take(500)
    return [copy for copy in copies if copy["state"] == "in"]


@internal_mutation(
    args={
        "isbn": v.string(),
        "name": v.string(),
        "authors": v.array(v.string()),
        "medium": medium_validator,
    },
    returns=v.id("titles"),
)
async def acquire(
    ctx: MutationCtx, isbn: str, name: str, authors: list[str], medium: Medium
) -> TitleId:
    """Add a title, unless it is known."""
    known = await ctx.db.query("titles").with_index("by_isbn").eq("isbn", isbn).first()
    if known is not None:
        return known["_id"]
    return await ctx.db.insert(
        "titles", {"isbn": isbn, "name": name, "authors": authors, "medium": medium}
    )


@internal_mutation(args={"titleId": v.id("titles"), "shelf": v.string()}, returns=v.id("copies"))
async def add_copy(ctx: MutationCtx, titleId: TitleId, shelf: str) -> dm.Id[dm.Copies]:
    """Put a copy on a shelf."""
    if await ctx.db.get(titleId) is None:
        raise ConvexError({"code": "no_title"})
    return await ctx.db.insert("copies", {"titleId": titleId, "shelf": shelf, "state": "in"})
