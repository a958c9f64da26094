"""What can be set about running functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from convexity.values import limits

Clock: TypeAlias = Callable[[], datetime]


def system_clock() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSettings:
    """Limits of running functions; defaults are those of wire-protocol 10. Times in seconds."""

    transaction_time: float = limits.MAX_TRANSACTION_TIME
    """How long a query or mutation may take, waiting for the database included."""
    action_time: float = limits.MAX_ACTION_TIME
    process_action_time: float = limits.MAX_PROCESS_ACTION_TIME
    """The same for an action in a worker process, waiting for a free one included."""
    concurrent_queries: int = limits.MAX_CONCURRENT_QUERIES
    concurrent_mutations: int = limits.MAX_CONCURRENT_MUTATIONS
    """Mutations whose code runs at once; those that wait for the disk do not count."""
    concurrent_actions: int = limits.MAX_CONCURRENT_ACTIONS
    conflict_retries: int = limits.MAX_CONFLICT_RETRIES
    conflict_backoff: float = limits.INITIAL_CONFLICT_BACKOFF
    """Pause before the first retry; it doubles up to ``MAX_CONFLICT_BACKOFF``."""
    clock: Clock = system_clock
