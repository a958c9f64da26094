"""Cancelling scheduled functions, one or all that have not begun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity.database.transaction import Transaction
from convexity.functions.names import canonical_path
from convexity.functions.scheduling import cancel_scheduled, check_scheduled_id
from convexity.scheduler.rows import pending_rows

if TYPE_CHECKING:
    from convexity.database.engine import WriteTransaction
    from convexity.functions.calls import Calls
    from convexity.functions.components import Component

_BATCH: Final = 256
_MOST: Final = 16_000
"""Pending functions that are looked through for those of one path, per transaction."""


async def cancel_job(calls: Calls, component: Component, document_id: str) -> None:
    """Cancel a scheduled function of a component; one that is finished stays as it is.

    Raises:
        InvalidIdError: it is no id of a scheduled function.
        DocumentNotFoundError: there is no such function.
    """
    check_scheduled_id(component.database, document_id, "cancel_job")

    async def work(store: WriteTransaction) -> None:
        transaction = Transaction(store, component.database)
        await cancel_scheduled(transaction, document_id, calls.clock())

    await calls.write(work)


async def cancel_all_jobs(calls: Calls, component: Component, path: str | None) -> int:
    """Cancel the functions that have not begun; returns how many.

    Args:
        calls: What the deployment runs functions with.
        component: Whose scheduled functions.
        path: Wire path of those to cancel; ``None`` for all.
    """
    wanted = None if path is None else canonical_path(path)

    async def work(store: WriteTransaction) -> int:
        transaction = Transaction(store, component.database)
        rows = await pending_rows(transaction, _MOST)
        chosen = [row for row in rows if wanted in (None, canonical_path(row["name"]))][:_BATCH]
        for row in chosen:
            await cancel_scheduled(transaction, row["_id"], calls.clock())
        return len(chosen)

    total = 0
    while found := (await calls.write(work)).value:
        total += found
    return total
