"""HTTP connections: answers in one piece, and an end for those on which nothing is asked.

uvicorn writes the head of an answer and its body separately, and each write is a system call that
wakes the client up. It waits for ever for the rest of a request's head.
"""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import TYPE_CHECKING, Any, Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle


HEAD_TIME: Final = 60.0
"""Seconds within which the head of a request, or of a WebSocket handshake, must have arrived."""


class JoiningProtocol(HttpToolsProtocol):
    """uvicorn's protocol on a transport that joins writes, its requests apart from each other."""

    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to serve a connection."""
        super().connection_made(cast("asyncio.Transport", JoinedWrites(transport)))
        self._expect_head()

    def on_message_begin(self) -> None:
        """Begin to read a request."""
        super().on_message_begin()
        if self._head_timer is None:
            self._expect_head()

    def on_headers_complete(self) -> None:
        """Answer a request whose head is there."""
        self._stop_head_timer()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """End with the connection."""
        self._stop_head_timer()
        super().connection_lost(exc)

    def _expect_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_TIME, self.transport.abort)

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

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
