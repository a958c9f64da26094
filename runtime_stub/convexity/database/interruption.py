"""Stopping a transaction that keeps finished ones from being committed."""

from __future__ import annotations

import asyncio
from types import TracebackType

from convexity.errors import ControlFlow


class Interrupted(ControlFlow):
    """The transaction was stopped and is to be rolled back and run again."""


class Interruptible:
    """``with``: what the current task does inside can be stopped.

    What was stopped counts as not run, whatever it made of the cancellation.
    """

    __slots__ = ("_cancellations", "_happened", "_task")
    _task: asyncio.Task[object] | None

    def __init__(self) -> None:
        self._happened = False
        self._task = None

    def __enter__(self) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("only what runs in a task can be interrupted")
        self._task = task
        self._cancellations = task.cancelling()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let the outcome pass, unless it is that of an interruption.

        Raises:
            Interrupted: it was stopped, and nobody else cancelled the task.
        """
        task, self._task = self._task, None
        if self._happened and task is not None and task.uncancel() <= self._cancellations:
            raise Interrupted from None

    def interrupt(self) -> None:
        """Stop what runs inside; nothing, if nothing does."""
        if self._task is not None:
            self._happened = True
            self._task.cancel()
