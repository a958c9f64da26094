"""The library of files."""

from convexity.values import ConvexError, v

from .._generated.data_model import Assets, AssetsDoc, Id, Storage
from .._generated.server import MutationCtx, QueryCtx, mutation, query
from ..authors import require_me
from ..schema import schema

MAX_SIZE = 20 * 1024 * 1024


@mutation(args={}, returns=v.string())
async def upload_url(ctx: MutationCtx) -> str:
    """Where a file can be sent to."""
    await require_me(ctx)
    return await ctx.storage.generate_upload_url()


@mutation(
    args={"file": v.id("_storage"), "name": v.string(), "alt": v.optional(v.string())},
    returns=v.id("assets"),
)
async def keep(
    ctx: MutationCtx, file: Id[Storage], name: str, alt: str | None = None
) -> Id[Assets]:
    """Put a file that was sent into the library."""
    author = await require_me(ctx)
    stored = await ctx.db.system.get(file)
    if stored is None:
        raise ConvexError("no such file")
    if stored["size"] > MAX_SIZE:
        await ctx.storage.delete(file)
        raise ConvexError({"code": "too_large", "maximum": MAX_SIZE})
    asset = await ctx.db.insert(
        "assets",
        {"file": file, "name": name, "size": stored["size"], "uploader": author["_id"]},
    )
    if alt:
        await ctx.db.patch(asset, {"alt": alt})
    return asset


@query(args={"asset": v.id("assets")}, returns=v.nullable(v.string()))
async def url_of(ctx: QueryCtx, asset: Id[Assets]) -> str | None:
    """Where a file can be fetched."""
    found = await ctx.db.get(asset)
    return await ctx.storage.get_url(found["file"]) if found else None


@query(args={}, returns=v.array(schema.doc("assets")))
async def mine(ctx: QueryCtx) -> list[AssetsDoc]:
    """Files of the caller."""
    author = await require_me(ctx)
    assets = ctx.db.query("assets").with_index("by_uploader").eq("uploader", author["_id"])
    return await assets.order("desc").take(100)


@mutation(args={"asset": v.id("assets")}, returns=v.null())
async def discard(ctx: MutationCtx, asset: Id[Assets]) -> None:
    """Delete a file of the caller."""
    author = await require_me(ctx)
    found = await ctx.db.get(asset)
    if found is None or found["uploader"] != author["_id"]:
        raise ConvexError("no such file")
    await ctx.storage.delete(found["file"])
    await ctx.db.delete(asset)
