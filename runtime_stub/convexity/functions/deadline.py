"""The time that a function may take."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Final

from convexity.errors import FunctionTimeout
from convexity.functions.names import display_path


class Deadlines:
    """Those of functions that may all take equally long.

    Every function runs inside one, and hardly any meets its end. So one timer of the event loop
    serves all that are under way: they end in the order in which they began.
    """

    __slots__ = ("_running", "_seconds", "_timer")

    def __init__(self, seconds: float) -> None:
        """Take the seconds that each function may take."""
        self._seconds: Final = seconds
        self._running: dict[Deadline, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def of(self, path: str) -> Deadline:
        """The deadline of the function at a path, which begins with the ``with``."""
        return Deadline(self, path)

    def begin(self, deadline: Deadline) -> None:
        """Cancel the task of a deadline when its time is over."""
        loop = asyncio.get_running_loop()
        deadline.when = loop.time() + self._seconds
        self._running[deadline] = None
        if self._timer is None:
            self._timer = loop.call_at(deadline.when, self._expire)

    def end(self, deadline: Deadline) -> None:
        """Forget a deadline."""
        self._running.pop(deadline, None)

    def failure(self, path: str) -> FunctionTimeout:
        """What a function ends with that took too long."""
        return FunctionTimeout(
            f"{display_path(path)}: Function execution timed out "
            f"(maximum duration: {self._seconds:g}s)"
        )

    def _expire(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        for deadline in list(self._running):
            if deadline.when > loop.time():
                self._timer = loop.call_at(deadline.when, self._expire)
                return
            del self._running[deadline]
            deadline.expire()


class Deadline:
    """``with``: cancel what the current task does inside when it takes too long."""

    __slots__ = ("_cancellations", "_expired", "_group", "_path", "_task", "when")

    _task: asyncio.Task[object]

    def __init__(self, group: Deadlines, path: str) -> None:
        self._group: Final = group
        self._path: Final = path
        self._expired = False
        self.when = 0.0
        """By the clock of the event loop."""

    def __enter__(self) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a deadline needs a task that it can cancel")
        self._task = task
        self._cancellations = task.cancelling()
        self._group.begin(self)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let the error pass; a cancellation that is only ours becomes a time-out.

        Raises:
            FunctionTimeout: the time is over.
        """
        self._group.end(self)
        if not self._expired:
            return
        others = self._task.uncancel() > self._cancellations
        if kind is asyncio.CancelledError and not others:
            raise self._group.failure(self._path) from None

    def expire(self) -> None:
        """Cancel the task."""
        self._expired = True
        self._task.cancel()
