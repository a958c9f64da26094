"""Notes about contacts and deals."""

from convexity.values import ConvexError, v

from .._generated.data_model import Contacts, Deals, Id, Notes, NotesDoc
from .._generated.server import MutationCtx, QueryCtx, mutation, query
from ..lib import access
from ..schema import schema


@mutation(args={"contactId": v.id("contacts"), "text": v.string()}, returns=v.id("notes"))
async def about_contact(ctx: MutationCtx, contactId: Id[Contacts], text: str) -> Id[Notes]:
    """Write a note about a contact."""
    contact = await ctx.db.get(contactId)
    if contact is None:
        raise ConvexError({"code": "no_contact"})
    caller = await access.require_member(ctx, contact["workspaceId"])
    return await ctx.db.insert(
        "notes",
        {
            "workspaceId": contact["workspaceId"],
            "about": {"kind": "contact", "id": contactId},
            "authorId": caller["user"]["_id"],
            "text": text.strip(),
        },
    )


@mutation(args={"dealId": v.id("deals"), "text": v.string()}, returns=v.id("notes"))
async def about_deal(ctx: MutationCtx, dealId: Id[Deals], text: str) -> Id[Notes]:
    """Write a note about a deal."""
    deal = await ctx.db.get(dealId)
    if deal is None:
        raise ConvexError({"code": "no_deal"})
    caller = await access.require_member(ctx, deal["workspaceId"])
    return await ctx.db.insert(
        "notes",
        {
            "workspaceId": deal["workspaceId"],
            "about": {"kind": "deal", "id": dealId},
            "authorId": caller["user"]["_id"],
            "text": text.strip(),
        },
    )


@query(args={"dealId": v.id("deals")}, returns=v.array(schema.doc("notes")))
async def of_deal(ctx: QueryCtx, dealId: Id[Deals]) -> list[NotesDoc]:
    """The newest notes about a deal."""
    deal = await ctx.db.get(dealId)
    if deal is None:
        return []
    await access.require_member(ctx, deal["workspaceId"])
    notes = (
        ctx.db.query("notes")
        .with_index("by_workspaceId_and_about_id")
        .eq("workspaceId", deal["workspaceId"])
        .eq("about.id", dealId)
    )
    return await notes.order("desc").take(50)


@mutation(args={"noteId": v.id("notes"), "text": v.string()}, returns=v.null())
async def rewrite(ctx: MutationCtx, noteId: Id[Notes], text: str) -> None:
    """Change one's own note."""
    note = await ctx.db.get(noteId)
    if note is None:
        raise ConvexError({"code": "no_note"})
    caller = await access.require_member(ctx, note["workspaceId"])
    if note["authorId"] != caller["user"]["_id"]:
        raise ConvexError({"code": "not_yours"})
    await ctx.db.patch(noteId, {"text": text})
