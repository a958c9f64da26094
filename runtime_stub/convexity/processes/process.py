"""One worker process, as the server sees it."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from pathlib import Path
from typing import Any, Final

from convexity.processes.frames import frame, read_frame

_LAST_BREATH: Final = 1.0
"""Seconds between the last message of a worker and its end."""

_PROGRAM: Final = """\
import sys
sys.path[0] = sys.argv[1]
from convexity.processes.worker import main
main(int(sys.argv[2]))
"""


class WorkerProcess:
    """A worker that has imported the project."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """Take a process and both directions of the socket to it; see :meth:`start`."""
        self._process = process
        self._reader = reader
        self._writer = writer
        self.is_sound = True
        """Whether it can be used for further actions."""

    @classmethod
    async def start(cls, folder: Path) -> WorkerProcess:
        """Start a worker for the backend in a folder.

        It is in a session of its own: Ctrl-C in a terminal is the server's alone.
        """
        ours, its = socket.socketpair()
        with its:
            number = its.fileno()
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", _PROGRAM, str(folder), str(number)),
                pass_fds=[number],
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
        reader, writer = await asyncio.open_connection(sock=ours)
        return cls(process, reader, writer)

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended, as far as is known."""
        return self._process.returncode is None and not self._reader.at_eof()

    async def send(self, message: dict[str, Any]) -> None:
        """Send a message; one to a worker that has ended is lost."""
        try:
            self._writer.write(frame(message))
            await self._writer.drain()
        except ConnectionError:
            return

    async def receive(self) -> dict[str, Any] | None:
        """The next message; ``None`` when it has ended."""
        return await read_frame(self._reader)

    async def ending(self) -> str:
        """How it ended, in words; one that no longer speaks, but goes on, is killed."""
        try:
            async with asyncio.timeout(_LAST_BREATH):
                code = await self._process.wait()
        except TimeoutError:
            await self.kill()
            return "what it sent could not be understood, so it was killed"
        if code >= 0:
            return f"it exited with code {code}"
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        return f"it was killed by {name}{_CAUSES.get(name, '')}"

    async def kill(self) -> None:
        """End it now, whatever it does."""
        if self._process.returncode is None:
            self._process.kill()
        self._writer.close()
        await self._process.wait()


_CAUSES: Final = {
    "SIGKILL": ": did the machine run out of memory?",
    "SIGSEGV": ": a native library crashed",
    "SIGABRT": ": a native library gave up",
}
