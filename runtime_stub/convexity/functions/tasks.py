"""Which tasks a function started, so that none outlives it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from contextvars import Context, ContextVar
from typing import Any, Final, TypeAlias

from convexity.errors import ControlFlow, FunctionExit

TaskCoroutine: TypeAlias = Coroutine[Any, Any, Any] | Generator[Any, None, Any]

PATIENCE: Final = 5.0
"""Seconds that a cancelled task may take to end."""

current_tasks: ContextVar[TaskScope | None] = ContextVar("convexity_tasks", default=None)
"""Scope of the running function; ``None`` outside of functions."""


class TaskScope:
    """The tasks that one function started and has not finished."""

    __slots__ = ("_failures", "_order", "_running")

    def __init__(self) -> None:
        self._running: dict[asyncio.Task[Any], int] = {}
        self._order = 0
        self._failures: list[tuple[int, BaseException]] = []

    def add(self, task: asyncio.Task[Any]) -> None:
        """Watch a task until it is done."""
        self._running[task] = self._order
        self._order += 1
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        order = self._running.pop(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failures.append((order, error))

    @property
    def signal(self) -> ControlFlow | None:
        """What a task raised to steer the runtime, even if nobody looked at the task."""
        for _, error in self._failures:
            if isinstance(error, ControlFlow):
                return error
        return None

    def first_of(self, errors: list[BaseException]) -> BaseException:
        """The error of the task that was started first; else, the first in the list."""
        order = {id(error): position for position, error in self._failures}
        return min(errors, key=lambda error: order.get(id(error), self._order))

    async def cancel_leftovers(self) -> tuple[asyncio.Task[Any], ...]:
        """Cancel what still runs and wait for it; returns the tasks that refused to end."""
        leftovers = tuple(self._running)
        if not leftovers:
            return ()
        for task in leftovers:
            task.cancel("the function that started this task has ended")
        _, stubborn = await asyncio.wait(leftovers, timeout=PATIENCE)
        return tuple(stubborn)


class _ScopedTaskFactory:
    """Task factory that tells the running function about the tasks it starts."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __call__(
        self,
        loop: asyncio.AbstractEventLoop,
        coro: TaskCoroutine,
        *,
        context: Context | None = None,
        **options: Any,
    ) -> asyncio.Task[Any]:
        if context is not None:
            options["context"] = context
        scope = current_tasks.get()
        started = coro
        if scope is not None:
            coro = _contained(started)
        task: asyncio.Task[Any] = (
            asyncio.Task(coro, loop=loop, **options)
            if self._inner is None
            else self._inner(loop, coro, **options)
        )
        if scope is not None:
            scope.add(task)
            # One that is cancelled before its first step would be reported as never awaited.
            task.add_done_callback(lambda _: started.close())
        return task


async def _contained(started: Any) -> Any:
    """Run what a function started; what would end more than the function ends the function.

    The event loop does not survive ``SystemExit``, nor does ``GeneratorExit`` stop where a caller
    of the function would catch it.

    Raises:
        FunctionExit: it raised one of them, or ``KeyboardInterrupt``.
    """
    try:
        return await started
    except (SystemExit, KeyboardInterrupt, GeneratorExit) as error:
        detail = f": {error}" if str(error) else ""
        raise FunctionExit(f"Uncaught {type(error).__name__}{detail}") from error


def watch_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Have the loop's new tasks join the scope of the function that starts them."""
    factory = loop.get_task_factory()
    if not isinstance(factory, _ScopedTaskFactory):
        loop.set_task_factory(_ScopedTaskFactory(factory))
