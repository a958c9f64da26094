"""Warnings about transactions that come close to a limit (wire-protocol 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity.values.limits import WARNING_THRESHOLD

if TYPE_CHECKING:
    from convexity.database.transaction import Transaction

_READ_LESS: Final = "Read less: take() or paginate(), over an index range that selects more."
_WRITE_LESS: Final = "Write in batches: let each mutation schedule the next one."

_WARNINGS: Final[dict[str, str]] = {
    "bytes_read": "Many bytes read in a single function execution (actual: {used} bytes, "
    "limit: {limit} bytes). " + _READ_LESS,
    "bytes_written": "Many bytes written in a single function execution (actual: {used} bytes, "
    "limit: {limit} bytes). " + _WRITE_LESS,
    "database_queries": "Many reads in a single function execution (actual: {used}, "
    "limit: {limit}). Read neighbouring documents in one index range.",
    "documents_read": "Many documents read in a single function execution (actual: {used}, "
    "limit: {limit}). " + _READ_LESS,
    "documents_written": "Many writes in a single function execution (actual: {used}, "
    "limit: {limit}). " + _WRITE_LESS,
    "functions_scheduled": "Many functions scheduled by this mutation (actual: {used}, "
    "limit: {limit}). Schedule one function that goes through the work in batches.",
    "scheduled_function_args_bytes": "Large total size of the arguments of functions scheduled by "
    "this mutation (actual: {used} bytes, limit: {limit} bytes). Store the data and pass ids.",
}


def limit_warnings(transaction: Transaction) -> list[str]:
    """One text per limit of which a transaction used more than 80 %."""
    return [
        _WARNINGS[name].format(used=used, limit=limit)
        for name, used, limit in transaction.approached_limits(WARNING_THRESHOLD)
    ]
