"""The newest executions of functions, for whoever watches a running backend."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from convexity import server_log

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from convexity.functions.registry import FunctionKind

MAX_EXECUTIONS: Final = 1000
"""Executions kept for those who watch; older ones are forgotten."""


@dataclass(slots=True, kw_only=True)
class Execution:
    """A function that was run for a client or the scheduler, with those that it called."""

    path: str
    """Canonical wire path."""
    kind: FunctionKind
    started: float
    """Seconds since the epoch."""
    seconds: float
    """How long it took, waiting included."""
    log_lines: Sequence[str]
    error: str | None
    """Message and frames; ``None`` if it returned."""
    request_id: str
    delay: float | None = None
    """Seconds by which a scheduled function began later than it was due; ``None`` for others."""


def log_execution(execution: Execution) -> None:
    """Write to the server's log, if it is JSON, that a function ended."""
    fields = {
        "function": execution.path,
        "kind": execution.kind,
        "outcome": "success" if execution.error is None else "error",
        "seconds": round(execution.seconds, 6),
        "requestId": execution.request_id,
    }
    server_log.tell("", "a function ended", fields)


class ExecutionLog:
    """Keeps the newest executions in order; each has a number, counted from 1."""

    def __init__(self) -> None:
        self._executions: deque[Execution] = deque(maxlen=MAX_EXECUTIONS)
        self._count = 0
        self._waiting: set[asyncio.Future[None]] = set()
        self._listeners: list[Callable[[Execution], None]] = []

    def on_execution(self, listener: Callable[[Execution], None]) -> None:
        """Call ``listener`` with each execution that ends."""
        self._listeners.append(listener)

    @property
    def count(self) -> int:
        """Number of the newest execution."""
        return self._count

    def add(self, execution: Execution) -> None:
        """Take note of an execution that ended."""
        self._executions.append(execution)
        self._count += 1
        for listener in self._listeners:
            listener(execution)
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()

    async def after(self, number: int, seconds: float) -> list[Execution]:
        """The executions with greater numbers, as far as they are kept.

        Args:
            number: What the caller knows already.
            seconds: How long to wait for one if there is none.
        """
        if number > self._count:
            number = 0  # It counts those of a process that ran before.
        if number == self._count:
            waiting = asyncio.get_running_loop().create_future()
            self._waiting.add(waiting)
            await asyncio.wait({waiting}, timeout=seconds)
            self._waiting.discard(waiting)
        new = min(self._count - number, len(self._executions))
        return list(self._executions)[len(self._executions) - new :] if new > 0 else []
