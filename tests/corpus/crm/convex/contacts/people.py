"""People one knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from convexity.server import (
    PaginationOptions,
    PaginationResult,
    pagination_opts_validator,
    pagination_result_validator,
)
from convexity.values import ConvexError, v

from .._generated.server import MutationCtx, QueryCtx, internal_mutation, mutation, query
from ..lib import require_admin, require_member
from ..schema import schema
from .validators import channel

if TYPE_CHECKING:
    from .._generated.data_model import (
        Companies,
        Contacts,
        ContactsChannelsItemEmail,
        ContactsChannelsItemPhone,
        ContactsDoc,
        Id,
        Workspaces,
    )

    Channel: TypeAlias = ContactsChannelsItemEmail | ContactsChannelsItemPhone

_doc = schema.doc("contacts")


async def _contact(ctx: QueryCtx, contact_id: Id[Contacts]) -> ContactsDoc:
    contact = await ctx.db.get(contact_id)
    if contact is None:
        raise ConvexError({"code": "no_contact"})
    await require_member(ctx, contact["workspaceId"])
    return contact


@query(
    args={
        "workspaceId": v.id("workspaces"),
        "archived": v.optional(v.boolean()),
        "paginationOpts": pagination_opts_validator,
    },
    returns=pagination_result_validator(_doc),
)
async def listing(
    ctx: QueryCtx,
    workspaceId: Id[Workspaces],
    paginationOpts: PaginationOptions,
    archived: bool = False,
) -> PaginationResult[ContactsDoc]:
    """A page of the contacts of a workspace."""
    await require_member(ctx, workspaceId)
    return (
        await ctx.db.query("contacts")
        .with_index("by_workspaceId_and_archived")
        .eq("workspaceId", workspaceId)
        .eq("archived", archived)
        .order("desc")
        .paginate(paginationOpts)
    )


@query(args={"contactId": v.id("contacts")}, returns=_doc)
async def get(ctx: QueryCtx, contactId: Id[Contacts]) -> ContactsDoc:
    """One contact."""
    return await _contact(ctx, contactId)


@mutation(
    args={
        "workspaceId": v.id("workspaces"),
        "name": v.string(),
        "channels": v.array(channel),
        "companyId": v.optional(v.id("companies")),
    },
    returns=v.id("contacts"),
)
async def add(
    ctx: MutationCtx,
    workspaceId: Id[Workspaces],
    name: str,
    channels: list[Channel],
    companyId: Id[Companies] | None = None,
) -> Id[Contacts]:
    """Write down a person."""
    await require_member(ctx, workspaceId)
    contact = await ctx.db.insert(
        "contacts",
        {"workspaceId": workspaceId, "name": name, "channels": channels, "archived": False},
    )
    if companyId is not None:
        await ctx.db.patch(contact, {"companyId": companyId})
    return contact


@mutation(args={"contactId": v.id("contacts"), "channel": channel}, returns=v.number())
async def add_channel(ctx: MutationCtx, contactId: Id[Contacts], channel: Channel) -> int:
    """Add a way to reach a person; returns how many there are."""
    contact = await _contact(ctx, contactId)
    channels = [*contact["channels"], channel]
    await ctx.db.patch(contactId, {"channels": channels})
    return len(channels)


@mutation(args={"contactId": v.id("contacts"), "archived": v.boolean()}, returns=v.null())
async def archive(ctx: MutationCtx, contactId: Id[Contacts], archived: bool) -> None:
    """Put a contact away, or take it out again."""
    contact = await _contact(ctx, contactId)
    if contact["archived"] != archived:
        await ctx.db.patch(contactId, {"archived": archived})


@mutation(args={"contactId": v.id("contacts")}, returns=v.null())
async def forget(ctx: MutationCtx, contactId: Id[Contacts]) -> None:
    """Delete a contact and its deals."""
    contact = await _contact(ctx, contactId)
    await require_admin(ctx, contact["workspaceId"])
    async for deal in ctx.db.query("deals").with_index("by_contactId").eq("contactId", contactId):
        await ctx.db.delete(deal["_id"])
    await ctx.db.delete(contactId)


@internal_mutation(
    args={"keep": v.id("contacts"), "drop": v.id("contacts")},
    returns=v.null(),
)
async def merge(ctx: MutationCtx, keep: Id[Contacts], drop: Id[Contacts]) -> None:
    """Make one contact of two."""
    first, second = await ctx.db.get(keep), await ctx.db.get(drop)
    if first is None or second is None:
        return
    known = {str(channel) for channel in first["channels"]}
    fresh = [channel for channel in second["channels"] if str(channel) not in known]
    await ctx.db.patch(keep, {"channels": first["channels"] + fresh})
    async for deal in ctx.db.query("deals").with_index("by_contactId").eq("contactId", drop):
        await ctx.db.patch(deal["_id"], {"contactId": keep})
    await ctx.db.delete(drop)
