"""The worker processes of a server: as many as it needs, up to a number."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from convexity.errors import RemoteFunctionError
from convexity.functions.invoke import checked_result, run_to_end
from convexity.functions.names import display_path
from convexity.processes.action import ActionInWorker, NeverStartedError
from convexity.processes.process import WorkerProcess

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convexity.functions.catalog import CompiledFunction
    from convexity.functions.contexts import ActionCtx
    from convexity.functions.invocation import Invocation

_ATTEMPTS: Final = 3
"""Workers that are tried when one ends before it begins with an action."""

_has_worker: ContextVar[bool] = ContextVar("convexity_has_worker", default=False)
"""Whether what runs was called, however indirectly, by an action that occupies a worker."""


class WorkerPool:
    """Runs actions of ``runtime="process"``, one at a time in each worker.

    Workers are started when they are needed and kept. One that dies is replaced by the next action.
    """

    def __init__(self, folder: Path, size: int) -> None:
        """Take the folder of the backend and how many actions may run at once."""
        self._folder = folder
        self._size = size
        self._slots = asyncio.Semaphore(size)
        self._idle: list[WorkerProcess] = []
        self._all: set[WorkerProcess] = set()
        self._warming: asyncio.Task[None] | None = None

    def warm(self) -> None:
        """Start a first worker in the background."""
        self._warming = asyncio.create_task(self._start_idle())

    async def run(
        self,
        compiled: CompiledFunction,
        invocation: Invocation,
        ctx: ActionCtx,
        arguments: Mapping[str, Any],
    ) -> Any:
        """Run an action and return its checked result.

        When the caller is cancelled, so is the action; one that does not end then is killed.

        Raises:
            ConvexError: the action raised it.
            RemoteFunctionError: the action raised something else, or its process died.
            ReturnsValidationError: the result does not match ``returns``.
        """
        result = await run_to_end(invocation, lambda: self._in_worker(invocation, ctx, arguments))
        return checked_result(compiled, result)

    async def close(self) -> None:
        """End all workers; no action may run any more."""
        if self._warming is not None:
            self._warming.cancel()
            await asyncio.gather(self._warming, return_exceptions=True)
        self._idle.clear()
        await asyncio.gather(*(self._end(worker) for worker in tuple(self._all)))

    async def _in_worker(
        self, invocation: Invocation, ctx: ActionCtx, arguments: Mapping[str, Any]
    ) -> Any:
        # One that waits for a worker while its caller occupies one might wait for ever.
        slot = nullcontext() if _has_worker.get() else self._slots
        ending = ""
        async with slot:
            token = _has_worker.set(True)
            try:
                for _ in range(_ATTEMPTS):
                    try:
                        async with self._worker() as worker:
                            return await ActionInWorker(worker, invocation, ctx).run(arguments)
                    except NeverStartedError as error:
                        ending = str(error)
            finally:
                _has_worker.reset(token)
        path = invocation.function.path
        text = f"No process could be started for {display_path(path)}: {ending}."
        raise RemoteFunctionError(text, name=path, reported=text)

    @asynccontextmanager
    async def _worker(self) -> AsyncIterator[WorkerProcess]:
        """A worker for the caller alone; kept for others afterwards, unless it is spoilt."""
        worker = await self._take()
        try:
            yield worker
        finally:
            if worker.is_sound and worker.is_alive and len(self._idle) < self._size:
                self._idle.append(worker)
            else:
                await self._end(worker)

    async def _take(self) -> WorkerProcess:
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive:
                return worker
            await self._end(worker)
        return await self._start()

    async def _start_idle(self) -> None:
        self._idle.append(await self._start())

    async def _start(self) -> WorkerProcess:
        worker = await WorkerProcess.start(self._folder)
        self._all.add(worker)
        return worker

    async def _end(self, worker: WorkerProcess) -> None:
        self._all.discard(worker)
        await worker.kill()
