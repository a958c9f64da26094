"""Sending the head of an answer together with its body.

uvicorn writes them separately, and each write is a system call that wakes the client up.
"""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import TYPE_CHECKING, Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle


class JoiningProtocol(HttpToolsProtocol):
    """uvicorn's protocol on a transport that joins writes, its requests apart from each other."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to serve a connection."""
        super().connection_made(cast("asyncio.Transport", JoinedWrites(transport)))

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        # A request that came early is started by the sending of the answer before it. Started in
        # the context of an HTTP action, it would be one of its tasks, and end with it.
        Context().run(super()._start_asgi_task, cycle, app)


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
