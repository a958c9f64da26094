"""Keeping what was taken for dead from writing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.database.transaction import Transaction
from convexity.errors import ClaimLostError

if TYPE_CHECKING:
    from convexity.database.engine import WriteTransaction
    from convexity.functions.invocation import Call


async def check_claim(store: WriteTransaction, call: Call) -> None:
    """Refuse to write for a scheduled action that is marked as failed while it runs.

    Its process was cut off from the database, so that others took it for dead. The row is read in
    the transaction that writes: either the write comes first, or the mark does and nothing is
    written.

    Raises:
        ClaimLostError: it is marked as failed.
    """
    scheduled = call.scheduled
    if scheduled is None or not scheduled.is_claimed:
        return
    reader = Transaction(store, scheduled.component.database)
    row = await reader.get(scheduled.id)
    reader.end()
    if row is not None and row["state"]["kind"] == "failed":
        raise ClaimLostError(
            "this scheduled action lost its connection to the database; another process has "
            "marked it as failed, and it can change nothing more"
        )
