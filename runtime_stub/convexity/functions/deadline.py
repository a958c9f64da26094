"""The time that a function may take."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Final

from convexity.errors import FunctionTimeout
from convexity.functions.names import display_path


class Deadline:
    """``with``: cancel what the current task does inside when it takes too long.

    Every function runs inside one, and hardly any meets its end: this is what ``asyncio.timeout``
    does, without what makes that cost more than a small query.
    """

    __slots__ = ("_cancellations", "_expired", "_path", "_seconds", "_task", "_timer")

    _task: asyncio.Task[object]

    def __init__(self, path: str, seconds: float) -> None:
        """Take the path of the function, and the seconds it may take."""
        self._path: Final = path
        self._seconds: Final = seconds
        self._expired = False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a deadline needs a task that it can cancel")
        self._task = task
        self._cancellations = task.cancelling()
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._expire)

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
        self._timer.cancel()
        if not self._expired:
            return
        others = self._task.uncancel() > self._cancellations
        if kind is asyncio.CancelledError and not others:
            raise FunctionTimeout(
                f"{display_path(self._path)}: Function execution timed out "
                f"(maximum duration: {self._seconds:g}s)"
            ) from None

    def _expire(self) -> None:
        self._expired = True
        self._task.cancel()
