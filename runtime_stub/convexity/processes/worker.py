"""The program of a worker process: it runs one action after another for the server."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from convexity.auth.identity import Identity
from convexity.errors import ReturnsValidationError
from convexity.functions.invocation import Call
from convexity.functions.invoke import run_to_end
from convexity.functions.logs import LogCapture
from convexity.functions.meta import RequestMetadata
from convexity.functions.names import to_python_parameters
from convexity.functions.settings import system_clock
from convexity.functions.variables import FixedVariables
from convexity.processes.frames import BlockingChannel
from convexity.processes.packing import pack, pack_error, unpack
from convexity.processes.remote import (
    ProcessActionCtx,
    RemoteCalls,
    RemoteInvocation,
    RemoteLogs,
    Requests,
)
from convexity.server.deployed import DeployedComponent, mounted_components
from convexity.values.encoding import EncodingError

if TYPE_CHECKING:
    from convexity.functions.components import Component
    from convexity.functions.registry import Function

_PR_SET_PDEATHSIG: Final = 1
"""Of ``prctl``: which signal a process gets when its parent dies."""


def main(descriptor: int) -> None:
    """Serve the server at the other end of a socket until it ends.

    Args:
        descriptor: Number of the open socket.
    """
    _die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    channel = BlockingChannel(socket.socket(fileno=descriptor))
    try:
        components = _components()
    except BaseException as error:
        channel.send({"type": "failed", "error": pack_error(error)})
        raise
    functions = [f for component in components for f in component.functions.values()]
    LogCapture({f.registered.handler.__module__.split(".")[0] for f in functions}).start()
    channel.send({"type": "ready"})
    asyncio.run(_Worker(channel, components).serve())


def _components() -> list[WorkerComponent]:
    """The application and what it mounts, imported from beside ``main.py``."""
    import functions as application  # type: ignore[import-not-found]

    mounts = mounted_components(application.APP)
    deployed: tuple[DeployedComponent, ...] = ()
    if mounts:
        import components as mounted  # type: ignore[import-not-found]

        deployed = mounted.COMPONENTS
    return [
        WorkerComponent("", None, application.FUNCTIONS),
        *(
            WorkerComponent(component.path, mounts[component.path].env, component.functions)
            for component in deployed
        ),
    ]


class WorkerComponent:
    """Stands in for :class:`~convexity.functions.components.Component`: functions alone."""

    def __init__(
        self, path: str, environment: Mapping[str, str] | None, functions: Iterable[Function]
    ) -> None:
        self.path = path
        self.environment = environment
        self.functions = {function.path: function for function in functions}


def _die_with_parent() -> None:
    """Have Linux end this process with the server, even in the middle of a native library."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class _Worker:
    def __init__(self, channel: BlockingChannel, components: Iterable[WorkerComponent]) -> None:
        self._channel = channel
        self._components = {component.path: component for component in components}
        self._requests = Requests(channel)
        self._running: asyncio.Task[None] | None = None

    async def serve(self) -> None:
        """Do what the server says, for ever: the thread that reads ends the process."""
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, args=(loop,), daemon=True).start()
        await loop.create_future()

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        while (message := self._channel.receive()) is not None:
            loop.call_soon_threadsafe(self._handle, message)
        os._exit(0)

    def _handle(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "run":
                self._running = asyncio.create_task(self._run(message))
            case "answer":
                self._requests.answered(message)
            case "cancel" if self._running is not None:
                self._running.cancel()

    async def _run(self, message: dict[str, Any]) -> None:
        self._channel.send({"type": "started"})
        outcome = await self._outcome(message)
        if self._channel.is_forked:
            os._exit(0)  # the action forked and came back twice: the worker tells how it ended
        self._channel.send(outcome)

    async def _outcome(self, message: dict[str, Any]) -> dict[str, Any]:
        try:
            return {"type": "done", "value": pack(await self._result(message))}
        except EncodingError as error:
            refusal = ReturnsValidationError(f"the result is no Convex value: {error}")
            return {"type": "failed", "error": pack_error(refusal)}
        except BaseException as error:
            # Whatever it is, SystemExit too, ends the action and not the worker.
            return {"type": "failed", "error": pack_error(error)}

    async def _result(self, message: dict[str, Any]) -> Any:
        component = self._components[message["component"]]
        function = component.functions[message["path"]]
        identity = Identity(**unpack(message["identity"]))
        call = Call(identity, RequestMetadata(**unpack(message["request"])))
        call.logs = RemoteLogs(self._channel)
        invocation = RemoteInvocation(
            function,
            call,
            component=cast("Component", component),
            started=system_clock(),
            variables=FixedVariables(unpack(message["variables"])),
            requests=self._requests,
        )
        ctx = ProcessActionCtx(invocation, RemoteCalls(self._requests))
        arguments = to_python_parameters(unpack(message["args"]))
        return await run_to_end(invocation, lambda: function.registered.handler(ctx, **arguments))
