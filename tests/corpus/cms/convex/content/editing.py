"""Writing pages."""

from datetime import UTC, datetime

from convexity.values import ConvexError, from_millis, to_millis, v

from .._generated.api import internal
from .._generated.data_model import (
    ContentEditingMeasureResult,
    Id,
    Pages,
    PagesDoc,
    PagesPatch,
    RevisionsDoc,
)
from .._generated.server import (
    MutationCtx,
    QueryCtx,
    internal_mutation,
    mutation,
    query,
)
from ..authors import require_me
from ..schema import page_fields, schema
from . import Block, block, slugify, words
from .rendering import plain_text

_editable = page_fields.pick("title", "blocks", "tags")


async def own_page(ctx: QueryCtx, page_id: Id[Pages]) -> PagesDoc:
    """A page of the caller."""
    author = await require_me(ctx)
    page = await ctx.db.get(page_id)
    if page is None or page["authorId"] != author["_id"]:
        raise ConvexError("no such page")
    return page


async def keep_revision(ctx: MutationCtx, page: PagesDoc) -> float:
    """Keep what a page is now; returns the number of the revision."""
    revisions = ctx.db.query("revisions").with_index("by_pageId_and_number")
    last = await revisions.eq("pageId", page["_id"]).order("desc").first()
    number = 1 if last is None else last["number"] + 1
    await ctx.db.insert(
        "revisions",
        {
            "pageId": page["_id"],
            "number": number,
            "slug": page["slug"],
            "title": page["title"],
            "blocks": page["blocks"],
            "tags": page["tags"],
        },
    )
    return number


@mutation(args=_editable.fields, returns=v.id("pages"))
async def write(ctx: MutationCtx, title: str, blocks: list[Block], tags: list[str]) -> Id[Pages]:
    """Begin a page."""
    author = await require_me(ctx)
    slug = slugify(title)
    if await ctx.db.query("pages").with_index("by_slug").eq("slug", slug).first() is not None:
        slug = f"{slug}-{round(to_millis(ctx.now()))}"
    return await ctx.db.insert(
        "pages",
        {
            "slug": slug,
            "title": title,
            "blocks": blocks,
            "tags": tags,
            "authorId": author["_id"],
            "state": {"kind": "draft"},
            "body": plain_text(blocks),
        },
    )


@mutation(args={"pageId": v.id("pages"), **_editable.partial().fields}, returns=v.number())
async def edit(
    ctx: MutationCtx,
    pageId: Id[Pages],
    title: str | None = None,
    blocks: list[Block] | None = None,
    tags: list[str] | None = None,
) -> float:
    """Change what is given; returns the number of the revision that was kept."""
    page = await own_page(ctx, pageId)
    number = await keep_revision(ctx, page)
    changes: PagesPatch = {}
    if title is not None:
        changes["title"] = title
    if tags is not None:
        changes["tags"] = sorted(set(tags))
    if blocks is not None:
        changes |= {"blocks": blocks, "body": plain_text(blocks)}
    await ctx.db.patch(pageId, changes)
    return number


@mutation(args={"pageId": v.id("pages"), "at": v.optional(v.number())}, returns=v.null())
async def publish(ctx: MutationCtx, pageId: Id[Pages], at: float | None = None) -> None:
    """Show a page to everyone, now or later."""
    page = await own_page(ctx, pageId)
    if page["state"]["kind"] == "scheduled":
        await ctx.scheduler.cancel(page["state"]["job"])
    if at is None:
        await ctx.db.patch(pageId, {"state": {"kind": "published", "at": to_millis(ctx.now())}})
        return
    when: datetime = from_millis(at)
    if when <= ctx.now().astimezone(UTC):
        raise ConvexError("that is in the past")
    job = await ctx.scheduler.run_at(when, internal.content.editing.go_live, pageId=pageId)
    await ctx.db.patch(pageId, {"state": {"kind": "scheduled", "job": job}})


@internal_mutation(args={"pageId": v.id("pages")}, returns=v.null())
async def go_live(ctx: MutationCtx, pageId: Id[Pages]) -> None:
    """Publish a page whose time has come."""
    page = await ctx.db.get(pageId)
    if page is not None and page["state"]["kind"] == "scheduled":
        await ctx.db.patch(pageId, {"state": {"kind": "published", "at": to_millis(ctx.now())}})


@mutation(args={"pageId": v.id("pages")}, returns=v.null())
async def withdraw(ctx: MutationCtx, pageId: Id[Pages]) -> None:
    """Make a draft of a page again."""
    page = await own_page(ctx, pageId)
    match page["state"]["kind"]:
        case "draft":
            return
        case before:
            print("withdrawn from", before)
    if page["state"]["kind"] == "scheduled":
        await ctx.scheduler.cancel(page["state"]["job"])
    await ctx.db.patch(pageId, {"state": {"kind": "draft"}})


@mutation(args={"pageId": v.id("pages"), "number": v.number()}, returns=v.boolean())
async def restore(ctx: MutationCtx, pageId: Id[Pages], number: int) -> bool:
    """Bring back a revision; returns whether there is one."""
    page = await own_page(ctx, pageId)
    revision = (
        await ctx.db.query("revisions")
        .with_index("by_pageId_and_number")
        .eq("pageId", pageId)
        .eq("number", number)
        .unique()
    )
    if revision is None:
        return False
    await keep_revision(ctx, page)
    await ctx.db.patch(
        pageId,
        {
            "title": revision["title"],
            "blocks": revision["blocks"],
            "tags": revision["tags"],
            "body": plain_text(revision["blocks"]),
        },
    )
    return True


@query(args={"pageId": v.id("pages")}, returns=v.array(schema.doc("revisions")))
async def revisions(ctx: QueryCtx, pageId: Id[Pages]) -> list[RevisionsDoc]:
    """The last revisions of a page."""
    await own_page(ctx, pageId)
    found = ctx.db.query("revisions").with_index("by_pageId_and_number").eq("pageId", pageId)
    return await found.order("desc").take(25)


@query(args={"blocks": v.array(block)}, returns=v.object(words=v.number(), minutes=v.number()))
async def measure(ctx: QueryCtx, blocks: list[Block]) -> ContentEditingMeasureResult:
    """How long reading takes."""
    count = words(blocks)
    return {"words": count, "minutes": max(1, round(count / 200))}
