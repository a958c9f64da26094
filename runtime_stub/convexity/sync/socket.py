"""The WebSocket endpoint: ``/api/sync`` and ``/api/<client version>/sync``."""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import TYPE_CHECKING, Final

import orjson

from convexity import server_log
from convexity.functions.meta import RequestMetadata
from convexity.sync.closing import (
    INTERNAL_ERROR,
    SERVICE_RESTART,
    TOO_BIG,
    SocketEndError,
    invalid_json,
    socket_end,
)
from convexity.sync.session import Sender, Session
from convexity.values.limits import MAX_SOCKET_MESSAGE_SIZE

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from convexity.backend import Backend

_PATH: Final = re.compile(r"/+api(?:/+(?P<version>[^/]+))?/+sync/*")
_VERSION: Final = re.compile(
    r"(\d{1,9})\.(\d{1,9})\.(\d{1,9})(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?", re.ASCII
)
_FIRST_WITH_CHUNKS: Final = (1, 28, 0)
"""First version of the npm client, which alone names its version in the address, that takes
transitions in chunks (wire-protocol 3.11)."""


class _ClientGoneError(Exception):
    """The connection was lost."""


class SyncEndpoint:
    """Serves sockets, each until its client or an error ends it."""

    def __init__(self, backend: Backend) -> None:
        """Take the backend, which need not have started."""
        self._backend = backend
        self._draining = asyncio.Event()
        self._open: set[asyncio.Task[object]] = set()

    @staticmethod
    def concerns(path: str) -> bool:
        """Whether a path is that of the sync protocol."""
        return _PATH.fullmatch(path) is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket."""
        await receive()
        match = _PATH.fullmatch(scope["path"])
        text = None if match is None else match["version"]
        version = None if text is None else _VERSION.fullmatch(text)
        if text is not None and version is None:
            await _refuse(scope, send, f"{text!r} is no version, such as 1.48.0")
            return
        takes_chunks = version is not None and tuple(map(int, version.group(1, 2, 3))) >= (
            _FIRST_WITH_CHUNKS
        )
        await send({"type": "websocket.accept"})
        session = Session(self._backend, _metadata(scope), _sender(send), takes_chunks=takes_chunks)
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        try:
            await _serve(session, receive, self._draining)
        except SocketEndError as end:
            with contextlib.suppress(OSError):
                if end.message is not None:
                    await send({"type": "websocket.send", "text": end.message.decode()})
                await send({"type": "websocket.close", "code": end.code, "reason": end.reason})

    async def drain(self, deadline: float) -> None:
        """Take no more requests, and close each socket when those under way are answered.

        Args:
            deadline: Until when that is waited for, by the clock of the event loop.
        """
        self._draining.set()
        if self._open:
            rest = deadline - asyncio.get_running_loop().time()
            await asyncio.wait(self._open, timeout=max(0.0, rest))


async def _serve(session: Session, receive: Receive, draining: asyncio.Event) -> None:
    """Serve until the client is gone, or the server stops.

    Raises:
        SocketEndError: the server has a reason to close the socket.
    """
    tasks = [
        asyncio.create_task(_read(session, receive)),
        asyncio.create_task(session.serve_transitions()),
        asyncio.create_task(session.serve_heartbeats()),
        asyncio.create_task(session.requests.serve_mutations()),
        asyncio.create_task(session.requests.failed_actions()),
        asyncio.create_task(_end_when_drained(session, draining)),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        ended = [task.exception() for task in tasks if task.done() and not task.cancelled()]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await session.requests.close()
        session.close()
    # A client that is gone, which ends the reading without an error, comes first in the list.
    if ended[0] is not None and not isinstance(ended[0], _ClientGoneError):
        raise _end(ended[0])


async def _end_when_drained(session: Session, draining: asyncio.Event) -> None:
    """End the socket when the server stops and all requests are answered."""
    await draining.wait()
    await session.requests.finish()
    raise SocketEndError(SERVICE_RESTART, "ServiceRestart")


def _end(error: BaseException) -> SocketEndError:
    end = socket_end(error) if isinstance(error, Exception) else SocketEndError(INTERNAL_ERROR)
    if end.code == INTERNAL_ERROR:
        server_log.complain_of("a socket failed:", error)
    return end


async def _read(session: Session, receive: Receive) -> None:
    while True:
        event = await receive()
        if event["type"] == "websocket.disconnect":
            return
        text = event.get("text")
        if text is None:
            raise invalid_json("expected a text frame, not a binary one")
        if len(text) > MAX_SOCKET_MESSAGE_SIZE:
            raise SocketEndError(TOO_BIG, "MessageTooLarge")
        await session.receive(text)


def _sender(send: Send) -> Sender:
    async def send_text(message: bytes) -> None:
        try:
            await send({"type": "websocket.send", "text": message.decode()})
        except OSError as error:  # what servers raise then, by version 2.4 of ASGI
            raise _ClientGoneError from error

    return send_text


def _metadata(scope: Scope) -> RequestMetadata:
    address = scope.get("client")
    agent = dict(scope["headers"]).get(b"user-agent")
    return RequestMetadata(
        ip=address[0] if address else None,
        user_agent=None if agent is None else agent.decode("latin-1"),
    )


async def _refuse(scope: Scope, send: Send, problem: str) -> None:
    """Answer the handshake with 400, where the server can send that."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008, "reason": problem})
        return
    body = orjson.dumps({"code": "InvalidVersion", "message": problem})
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "websocket.http.response.start", "status": 400, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})
