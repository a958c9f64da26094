"""The newest executions of functions, for whoever watches a running backend."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convexity.functions.registry import FunctionKind

MAX_EXECUTIONS: Final = 1000
"""Executions kept for those who watch; older ones are forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
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


class ExecutionLog:
    """Keeps the newest executions in order; each has a number, counted from 1."""

    def __init__(self) -> None:
        self._executions: deque[Execution] = deque(maxlen=MAX_EXECUTIONS)
        self._count = 0
        self._waiting: set[asyncio.Future[None]] = set()

    @property
    def count(self) -> int:
        """Number of the newest execution."""
        return self._count

    def add(self, execution: Execution) -> None:
        """Take note of an execution that ended."""
        self._executions.append(execution)
        self._count += 1
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
