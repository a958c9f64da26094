"""Answers in one piece.

uvicorn writes the head of an answer and its body separately, and each write is a system call that
wakes the client up.
"""

from __future__ import annotations

import asyncio
from typing import Any


class JoinedWrites:
    """A transport that keeps a piece until the next one comes, or the event loop goes on.

    It never keeps more than one piece, so that whoever writes much still meets the transport's
    limits.
    """

    __slots__ = ("_kept", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        """Take the transport to write to; for all else this object stands for it."""
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._kept: bytes | None = None

    def write(self, data: bytes) -> None:
        """Write a piece, now or before the event loop's next turn ends."""
        if self._kept is None:
            self._kept = data
            self._loop.call_soon(self._release)
        else:
            pieces, self._kept = (self._kept, data), None
            self._transport.writelines(pieces)

    def write_now(self, data: bytes) -> None:
        """Write what is whole, after what is kept."""
        if self._kept is None:
            self._transport.write(data)
        else:
            self.write(data)

    def close(self) -> None:
        """Close the connection when everything is written."""
        self._release()
        self._transport.close()

    def _release(self) -> None:
        if self._kept is not None and not self._transport.is_closing():
            self._transport.write(self._kept)
        self._kept = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
