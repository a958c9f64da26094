"""One action in a worker, as the server sees it: it does what the action's ``ctx`` asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from convexity.errors import RemoteFunctionError
from convexity.functions.failure import ends_the_task
from convexity.functions.handles import FunctionHandle
from convexity.functions.names import display_path
from convexity.functions.references import ReferenceChain
from convexity.processes.packing import pack, pack_error, unpack, unpack_error
from convexity.processes.served_storage import ServedStorage

if TYPE_CHECKING:
    from convexity.functions.contexts import ActionCtx
    from convexity.functions.invocation import Invocation
    from convexity.processes.process import WorkerProcess

GRACE: Final = 1.0
"""Seconds that an action gets to end after it was cancelled; then its process is killed."""


class NeverStartedError(Exception):
    """The worker ended before it began with the action, so that another one may run it."""


class ActionInWorker:
    """Runs an action in a worker that does nothing else meanwhile."""

    def __init__(self, worker: WorkerProcess, invocation: Invocation, ctx: ActionCtx) -> None:
        """Take a worker, the action, and the ``ctx`` that does what it asks for."""
        self._worker = worker
        self._invocation = invocation
        self._ctx = ctx
        self._path: Final = invocation.function.path
        self._storage = ServedStorage(ctx.storage)
        self._requests: set[asyncio.Task[None]] = set()

    async def run(self, arguments: Mapping[str, Any]) -> Any:
        """The result of the action, not validated yet.

        Raises:
            ConvexError: the action raised it.
            RemoteFunctionError: it raised something else, or its process died.
            NeverStartedError: the process died before.
        """
        await self._worker.send(self._order(arguments))
        try:
            return await self._follow()
        except asyncio.CancelledError:
            await self._cancel()
            raise

    def _order(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        call = self._invocation.call
        return {
            "type": "run",
            "component": self._invocation.component.path,
            "path": self._path,
            "args": pack(dict(arguments)),
            "identity": pack(asdict(call.identity)),
            "request": pack(asdict(call.request)),
            "variables": pack(dict(self._invocation.variables.beside_process())),
        }

    async def _follow(self) -> Any:
        has_started = False
        while True:
            message = await self._worker.receive()
            if message is None:
                raise await self._died(has_started=has_started)
            match message["type"]:
                case "ready":
                    pass
                case "started":
                    has_started = True
                case "log":
                    self._invocation.call.logs.append(message["line"])
                case "done":
                    return unpack(message["value"])
                case "failed":
                    if not has_started:
                        self._worker.is_sound = False
                    raise self._failure(message["error"])
                case "close_file" | "end_file":
                    self._storage.told(message)
                case _:
                    task = asyncio.create_task(self._answer(message))
                    self._requests.add(task)
                    task.add_done_callback(self._requests.discard)

    async def _died(self, *, has_started: bool) -> Exception:
        self._worker.is_sound = False
        ending = await self._worker.ending()
        if not has_started:
            return NeverStartedError(ending)
        text = (
            f"The process of {display_path(self._path)} ended before the action did: {ending}. "
            "Actions are not run again."
        )
        return RemoteFunctionError(text, name=self._path, reported=text)

    def _failure(self, packed: Mapping[str, Any]) -> Exception:
        if packed["name"] == "MemoryError":
            # What the action left behind may be what fills the memory.
            self._worker.is_sound = False
        return unpack_error(packed, self._path)

    async def _cancel(self) -> None:
        """Let the action end by itself, if it does so soon."""
        self._worker.is_sound = False
        await self._worker.send({"type": "cancel"})
        try:
            async with asyncio.timeout(GRACE):
                while (message := await self._worker.receive()) is not None:
                    if message["type"] == "log":
                        self._invocation.call.logs.append(message["line"])
                    if message["type"] in ("done", "failed"):
                        return
        except TimeoutError:
            return

    async def _answer(self, message: Mapping[str, Any]) -> None:
        answer: dict[str, Any] = {"type": "answer", "id": message["id"]}
        try:
            answer["value"] = pack(await self._asked_for(message))
        except BaseException as error:
            if ends_the_task(error):
                raise
            answer["error"] = pack_error(error)
        await self._worker.send(answer)

    async def _asked_for(self, message: Mapping[str, Any]) -> Any:
        """Do with the ``ctx`` of the server what the action asked of its own."""
        match message["type"]:
            case "cancel_scheduled":
                return await self._ctx.scheduler.cancel(message["scheduled"])
            case "vector_search":
                options = unpack(message["options"])
                options["any_of"] = [tuple(condition) for condition in options["any_of"]]
                search = self._ctx.vector_search
                return await search(message["table"], message["index"], **options)
            case "handle":
                return await self._invocation.handle(_reference(message))
            case "call" | "schedule":
                return await self._run(message)
            case _:
                return await self._storage.answer(message)

    async def _run(self, message: Mapping[str, Any]) -> Any:
        ref = _reference(message)
        arguments = unpack(message["args"])
        if message["type"] == "schedule":
            when = datetime.fromisoformat(message["when"])
            return await self._ctx.scheduler.run_at(when, ref, **arguments)
        run: Callable[..., Awaitable[Any]] = getattr(self._ctx, f"run_{message['kind']}")
        return await run(ref, **arguments)


def _reference(message: Mapping[str, Any]) -> Any:
    """The reference, or the handle, that a message names."""
    if "handle" in message:
        return FunctionHandle(message["handle"])
    return ReferenceChain(*message["parts"], component=message["component"])
