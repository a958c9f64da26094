"""Every message of a channel, a page at a time."""

from convexity.server import (
    PaginationOptions,
    PaginationResult,
    pagination_opts_validator,
    pagination_result_validator,
)
from convexity.values import v

from ._generated.data_model import Channels, Id, MessagesDoc
from ._generated.server import QueryCtx, query
from .schema import schema


@query(
    args={"channelId": v.id("channels"), "paginationOpts": pagination_opts_validator},
    returns=pagination_result_validator(schema.doc("messages")),
)
async def page(
    ctx: QueryCtx, channelId: Id[Channels], paginationOpts: PaginationOptions
) -> PaginationResult[MessagesDoc]:
    """Return a page of a channel's messages, newest first."""
    return await (
        ctx.db.query("messages")
        .with_index("by_channel")
        .eq("channelId", channelId)
        .order("desc")
        .paginate(paginationOpts)
    )
