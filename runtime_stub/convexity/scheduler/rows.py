"""Reading and changing the rows of ``_scheduled_functions`` (wire-protocol 6.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from convexity.database.ranges import key_successor
from convexity.database.transaction import Transaction
from convexity.database.transaction_reads import Row
from convexity.functions.failure import FunctionError
from convexity.functions.scheduling import TABLE
from convexity.values import to_millis
from convexity.values.limits import SCHEDULED_FUNCTION_RETENTION_DAYS
from convexity.values.ordering import encode_key, key_after_prefix

if TYPE_CHECKING:
    from convexity.database.engine import Commit

BATCH: Final = 256
"""Rows that one transaction of the scheduler changes at most."""

INTERRUPTED: Final = FunctionError(
    message="The server stopped while the action was running, or lost the database; actions are "
    "not run again."
)
"""Error of an action whose process died, or was cut off."""

_STATES: Final = {
    kind: encode_key((kind,)) for kind in ("pending", "inProgress", "success", "failed", "canceled")
}
"""Beginnings of the keys of ``by_state``; what follows stays the same as long as the row lives."""

_OTHERS: Final = tuple(kind for kind in _STATES if kind != "pending")

_RETENTION: Final = timedelta(days=SCHEDULED_FUNCTION_RETENTION_DAYS)


def may_schedule(commit: Commit) -> bool:
    """Whether a commit may have scheduled functions, and not only begun or ended some."""
    return not commit.is_complete or any(
        not _places("pending", keys) <= set().union(*(_places(kind, keys) for kind in _OTHERS))
        for keys in _state_keys(commit)
    )


def may_begin_actions(commit: Commit) -> bool:
    """Whether a commit may have marked actions as running."""
    prefix = _STATES["inProgress"]
    return not commit.is_complete or any(
        key.startswith(prefix) for keys in _state_keys(commit) for key in keys
    )


def _state_keys(commit: Commit) -> Iterator[Sequence[bytes]]:
    """What a commit changed in ``by_state``, for each component."""
    for (table, index), keys in commit.writes.keys.items():
        if index == "by_state" and table.rpartition("/")[2] == TABLE:
            yield keys


def _places(kind: str, keys: Sequence[bytes]) -> set[bytes]:
    prefix = _STATES[kind]
    return {key[len(prefix) :] for key in keys if key.startswith(prefix)}


async def pending_rows(transaction: Transaction, limit: int) -> list[dict[str, Any]]:
    """The pending rows that are due first."""
    table = transaction.catalog.table(TABLE)
    prefix = _STATES["pending"]
    rows = await transaction.scan(
        table, table.indexes["by_state"], prefix, key_after_prefix(prefix), limit=limit
    )
    return [row.document for row in rows]


async def rows_in_progress(transaction: Transaction, after: bytes) -> list[Row]:
    """Actions that run, or whose process died; at most :data:`BATCH`.

    Args:
        transaction: Where to look.
        after: Key of the last row of the batch before; empty for the first.
    """
    table = transaction.catalog.table(TABLE)
    prefix = _STATES["inProgress"]
    return await transaction.scan(
        table,
        table.indexes["by_state"],
        key_successor(after) if after else prefix,
        key_after_prefix(prefix),
        limit=BATCH,
    )


async def fail_interrupted(
    transaction: Transaction, document_ids: Sequence[str], now: datetime
) -> list[str]:
    """Mark actions of dead processes as failed.

    Returns:
        Names of those that were still in progress.
    """
    names = []
    for document_id in document_ids:
        row = await transaction.get(document_id)
        if row is not None and row["state"]["kind"] == "inProgress":
            await finish(transaction, row, now, INTERRUPTED)
            names.append(row["name"])
    return names


async def delete_expired(transaction: Transaction, now: datetime) -> int:
    """Delete rows finished longer ago than they are kept; returns how many, at most a batch."""
    table = transaction.catalog.table(TABLE)
    rows = await transaction.scan(
        table,
        table.indexes["by_completed_time"],
        key_after_prefix(encode_key((None,))),
        encode_key((to_millis(now - _RETENTION),)),
        limit=BATCH,
    )
    for row in rows:
        await transaction.delete(row.document["_id"])
    return len(rows)


async def state_of(transaction: Transaction, row: Mapping[str, Any]) -> str | None:
    """The present kind of state of a row; ``None`` if it is gone."""
    current = await transaction.get(row["_id"])
    return None if current is None else str(current["state"]["kind"])


async def begin(transaction: Transaction, row: Mapping[str, Any]) -> bool:
    """Mark an action as running; false if it must not run any more."""
    if await state_of(transaction, row) != "pending":
        return False
    await transaction.patch(row["_id"], {"state": {"kind": "inProgress"}})
    return True


async def finish(
    transaction: Transaction,
    row: Mapping[str, Any],
    now: datetime,
    failure: FunctionError | None,
) -> None:
    """Mark a function as successful, or as failed."""
    state = {"kind": "success"}
    if failure is not None:
        state = {"kind": "failed", "error": failure.message}
    await transaction.patch(row["_id"], {"state": state, "completedTime": to_millis(now)})
