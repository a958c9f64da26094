"""System functions that read and write documents of any table."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Final

from convexity.admin.system_functions import Deployed, SystemFunctions
from convexity.database.pagination import pagination_opts_validator
from convexity.database.query import TableQuery
from convexity.database.range_scan import RangeSelection
from convexity.errors import ConvexityError
from convexity.values import ConvexError, v

if TYPE_CHECKING:
    from convexity.database.transaction import Transaction
    from convexity.functions.contexts import MutationCtx, QueryCtx

FUNCTIONS: Final = SystemFunctions()

MAX_ADDED: Final = 4096
"""Documents that one call of ``addDocument`` adds at most."""
MAX_CLEARED: Final = 4000
"""Documents that one call of ``clearTablePage`` deletes at most."""
_MAX_BYTES_CLEARED: Final = 4_000_000


@FUNCTIONS.query("_system/cli/tables", paginationOpts=pagination_opts_validator)
async def tables(ctx: QueryCtx, deployed: Deployed, paginationOpts: Any) -> Any:
    """The names of the tables of the schema: one page that holds all."""
    del ctx
    names = [] if paginationOpts["cursor"] else sorted(t.name for t in deployed.schema.tables)
    return {
        "page": [{"name": name} for name in names],
        "isDone": True,
        "continueCursor": "end",
        "splitCursor": None,
        "pageStatus": None,
    }


@FUNCTIONS.query(
    "_system/cli/tableData",
    table=v.string(),
    order=v.literal("asc", "desc"),
    paginationOpts=pagination_opts_validator,
)
async def table_data(
    ctx: QueryCtx, deployed: Deployed, table: str, order: Any, paginationOpts: Any
) -> Any:
    """A page of a table, a system table too."""
    del deployed
    return await _query(ctx, table).order(order).paginate(paginationOpts)


@FUNCTIONS.query("_system/cli/queryTable", tableName=v.string())
async def query_table(ctx: QueryCtx, deployed: Deployed, tableName: str) -> float:
    """Another number whenever a document of the table changed."""
    del deployed
    transaction = transaction_of(ctx)
    transaction.note_whole(transaction.catalog.table(tableName))
    return random.random()


@FUNCTIONS.query("_system/cli/tableSize", tableName=v.string())
async def table_size(ctx: QueryCtx, deployed: Deployed, tableName: str) -> float:
    """Number of documents of a table."""
    del deployed
    transaction = transaction_of(ctx)
    return float(await transaction.count(transaction.catalog.table(tableName)))


@FUNCTIONS.query("_system/frontend/listTableScan", table=v.string(), limit=v.number())
async def list_table_scan(
    ctx: QueryCtx, deployed: Deployed, table: str, limit: float
) -> list[dict[str, Any]]:
    """The newest documents of a table, newest first; none of a table that does not exist."""
    del deployed
    if transaction_of(ctx).catalog.find(table) is None:
        return []
    return await _query(ctx, table).order("desc").take(int(limit))


@FUNCTIONS.mutation("_system/frontend/addDocument", table=v.string(), documents=v.array(v.any()))
async def add_document(
    ctx: MutationCtx, deployed: Deployed, table: str, documents: list[Any]
) -> dict[str, Any]:
    """Add documents, all of them or none.

    Raises:
        ConvexError: one does not match its table; the data is the message.
    """
    del deployed
    if len(documents) > MAX_ADDED:
        error = f"Can\u2019t import more than {MAX_ADDED} documents at once."
        return {"success": False, "error": error}
    try:
        for document in documents:
            await ctx.db.insert(table, document)
    except (ConvexityError, ValueError, TypeError) as error:
        raise ConvexError(str(error)) from error
    return {"success": True}


@FUNCTIONS.mutation(
    "_system/frontend/clearTablePage", tableName=v.string(), cursor=v.nullable(v.string())
)
async def clear_table_page(
    ctx: MutationCtx, deployed: Deployed, tableName: str, cursor: str | None
) -> dict[str, Any]:
    """Delete the oldest documents of a table; ``hasMore`` tells whether to go on."""
    del deployed
    page = await ctx.db.query(tableName).paginate(
        {
            "numItems": MAX_CLEARED,
            "cursor": cursor,
            "maximumBytesRead": _MAX_BYTES_CLEARED,
        }
    )
    for document in page["page"]:
        await ctx.db.delete(document["_id"])
    return {
        "deleted": float(len(page["page"])),
        "hasMore": not page["isDone"],
        "continueCursor": page["continueCursor"],
    }


def transaction_of(ctx: QueryCtx) -> Transaction:
    """The transaction of a system function, for which no table is out of bounds."""
    return ctx._invocation.live_transaction


def _query(ctx: QueryCtx, name: str) -> TableQuery[Any]:
    transaction = transaction_of(ctx)
    table = transaction.catalog.table(name)
    return TableQuery(RangeSelection(transaction, table, table.indexes["by_creation_time"]))
