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
from typing import TYPE_CHECKING, Any, Final

from convexity.auth.identity import Identity
from convexity.errors import ReturnsValidationError
from convexity.functions.invocation import Call, Invocation
from convexity.functions.invoke import run_to_end
from convexity.functions.logs import LogCapture
from convexity.functions.meta import RequestMetadata
from convexity.functions.names import to_python_parameters
from convexity.functions.settings import system_clock
from convexity.functions.variables import FixedVariables
from convexity.processes.frames import BlockingChannel
from convexity.processes.packing import pack, pack_error, unpack
from convexity.processes.remote import ProcessActionCtx, RemoteCalls, RemoteLogs, Requests
from convexity.values.encoding import EncodingError

if TYPE_CHECKING:
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
        import functions as registry  # type: ignore[import-not-found]  # beside main.py
    except BaseException as error:
        channel.send({"type": "failed", "error": pack_error(error)})
        raise
    compiled: tuple[Function, ...] = registry.FUNCTIONS
    LogCapture({f.registered.handler.__module__.split(".")[0] for f in compiled}).start()
    channel.send({"type": "ready"})
    asyncio.run(_Worker(channel, compiled).serve())


def _die_with_parent() -> None:
    """Have Linux end this process with the server, even in the middle of a native library."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class _Worker:
    def __init__(self, channel: BlockingChannel, functions: tuple[Function, ...]) -> None:
        self._channel = channel
        self._functions = {function.path: function for function in functions}
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
        try:
            value = pack(await self._result(message))
        except EncodingError as error:
            refusal = ReturnsValidationError(f"the result is no Convex value: {error}")
            self._channel.send({"type": "failed", "error": pack_error(refusal)})
        except BaseException as error:
            # Whatever it is, SystemExit too, ends the action and not the worker.
            self._channel.send({"type": "failed", "error": pack_error(error)})
        else:
            self._channel.send({"type": "done", "value": value})

    async def _result(self, message: dict[str, Any]) -> Any:
        function = self._functions[message["path"]]
        identity = Identity(**unpack(message["identity"]))
        call = Call(identity, RequestMetadata(**unpack(message["request"])))
        call.logs = RemoteLogs(self._channel)
        variables = FixedVariables(unpack(message["variables"]))
        invocation = Invocation(function, call, started=system_clock(), variables=variables)
        ctx = ProcessActionCtx(invocation, RemoteCalls(self._requests))
        arguments = to_python_parameters(unpack(message["args"]))
        return await run_to_end(invocation, lambda: function.registered.handler(ctx, **arguments))
