"""Messages between the server and a worker: JSON texts, each after its length in four bytes."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from typing import Any, Final

import orjson

_LENGTH: Final = struct.Struct(">I")


def frame(message: dict[str, Any]) -> bytes:
    """The bytes of a message."""
    text = orjson.dumps(message)
    return _LENGTH.pack(len(text)) + text


async def read_frame(reader: asyncio.StreamReader) -> dict[str, Any] | None:
    """The next message; ``None`` when the other side has ended."""
    try:
        (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
        message: dict[str, Any] = orjson.loads(await reader.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return message


class BlockingChannel:
    """The worker's end: a thread reads, any thread writes, whatever the event loop does."""

    def __init__(self, connection: socket.socket) -> None:
        """Take the connected socket."""
        self._connection = connection
        self._lock = threading.Lock()

    def send(self, message: dict[str, Any]) -> None:
        """Send a message."""
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
