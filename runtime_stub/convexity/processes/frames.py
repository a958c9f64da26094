"""Messages between the server and a worker: JSON texts, each after its length in four bytes."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
import threading
from typing import Any, Final

import orjson

_LENGTH: Final = struct.Struct(">I")
_MAX_LENGTH: Final = 2**30
"""More than any message has; what claims more was not written by the worker's own code."""


def frame(message: dict[str, Any]) -> bytes:
    """The bytes of a message; question marks stand for lone surrogates, as in all texts for people.

    Values have none: :func:`~convexity.processes.packing.pack` refuses them.
    """
    try:
        text = orjson.dumps(message)
    except TypeError:
        text = json.dumps(message, ensure_ascii=False).encode("utf-8", "replace")
    return _LENGTH.pack(len(text)) + text


async def read_frame(reader: asyncio.StreamReader) -> dict[str, Any] | None:
    """The next message; ``None`` when the other side has ended, or sends something else."""
    try:
        (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
        if length > _MAX_LENGTH:
            return None
        message: dict[str, Any] = orjson.loads(await reader.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError, orjson.JSONDecodeError):
        return None
    return message


class ForkedError(Exception):
    """A copy of the worker, made by ``fork``, is not the worker: it has no server."""


class BlockingChannel:
    """The worker's end: a thread reads, any thread writes, whatever the event loop does.

    No other process has it, whatever an action starts: the server would take what a copy of the
    worker says for the worker's word, and would not see the end of a worker that others outlive.
    """

    def __init__(self, connection: socket.socket) -> None:
        """Take the connected socket."""
        connection.set_inheritable(False)
        self._connection = connection
        self._lock = threading.Lock()
        self.is_forked = False
        """Whether this is a copy of the worker."""
        os.register_at_fork(after_in_child=self._forked)

    def _forked(self) -> None:
        self.is_forked = True
        self._connection.close()

    def send(self, message: dict[str, Any]) -> None:
        """Send a message.

        Raises:
            ForkedError: this process is not the worker.
        """
        if self.is_forked:
            raise ForkedError("a forked process cannot use the ctx of the action that forked it")
        data = frame(message)
        with self._lock:
            self._connection.sendall(data)

    def receive(self) -> dict[str, Any] | None:
        """The next message; ``None`` when the other side has ended."""
        head = self._exactly(_LENGTH.size)
        if head is None:
            return None
        text = self._exactly(_LENGTH.unpack(head)[0])
        if text is None:
            return None
        message: dict[str, Any] = orjson.loads(text)
        return message

    def _exactly(self, count: int) -> bytes | None:
        data = bytearray()
        while len(data) < count:
            try:
                part = self._connection.recv(min(count - len(data), 1 << 20))
            except ConnectionError:
                return None
            if not part:
                return None
            data += part
        return bytes(data)
