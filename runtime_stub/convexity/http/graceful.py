"""Ending a server: what runs is finished within a limit, and a second signal ends it at once."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, Final

import uvicorn
from uvicorn.supervisors import Multiprocess, multiprocess

if TYPE_CHECKING:
    import socket
    from types import FrameType

    from convexity.http.app import BackendApp

APPLICATION: Final = "convexity.application"
"""Under which key of the lifespan's state a server finds the application."""
FIRST_REQUEST_TIME: Final = 0.1
"""Seconds that a connection just taken gets to send its request before a server gives way."""
_SIGNALLED: Final = 128
"""Added to the number of a signal, the exit status of what it ended, as shells count."""


class GracefulServer(uvicorn.Server):
    """Stops accepting, lets running functions end, closes sockets for clients to connect again."""

    linger: float = 0.0
    """Seconds for which connections that were taken may still send a request."""
    ignored: frozenset[int] = frozenset()
    """Signals that somebody else answers."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop; at the second signal, end at once: what was committed is kept."""
        if sig in self.ignored:
            return
        if self.should_exit:
            os._exit(_SIGNALLED + sig)
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop, within the time that the settings of the backend give."""
        for server in self.servers:
            server.close()
        await asyncio.sleep(self.linger)
        app: BackendApp | None = self.lifespan.state.get(APPLICATION)
        if app is not None:
            clock = asyncio.get_running_loop().time
            deadline = clock() + app.backend.settings.shutdown_time
            await app.drain(deadline)
            rest = max(0.0, deadline - clock())
            self.config.timeout_graceful_shutdown = rest  # type: ignore[assignment]
        await super().shutdown(sockets)
        # Being told to end is no failure: uvicorn would raise the signal again.
        self._captured_signals = [one for one in self._captured_signals if one != signal.SIGTERM]


class _WorkerServer(GracefulServer):
    """Serves in a process that another one started and ends."""

    # Ctrl-C reaches all processes of a terminal.
    ignored = frozenset({signal.SIGINT})


class _Worker(multiprocess.Process):
    """A process that serves, together with others."""

    @property
    def server(self) -> uvicorn.Server:
        """Its server, made in the process itself."""
        if self._server is None:
            self._server = _WorkerServer(config=self.config)
        return self._server


class Workers(Multiprocess):
    """Several processes that serve the same sockets; a second signal ends them at once."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket]) -> None:
        # By this name the first processes are made, and those that replace them.
        multiprocess.Process = _Worker  # type: ignore[misc]
        super().__init__(config, sockets)
        self._told = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._handle_exit)

    def _handle_exit(self, sig: int, _frame: FrameType | None) -> None:
        if self._told:
            for process in self.processes:
                process.kill()
            os._exit(_SIGNALLED + sig)
        self._told = True
        self.signal_queue.append(sig)
