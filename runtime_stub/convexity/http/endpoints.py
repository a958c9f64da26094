"""ASGI endpoints: one per path, with a handler per method.

They sit directly on ASGI, without request and response objects, because they are the hot path.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, TypeAlias

from starlette.types import Receive, Scope, Send

from convexity import server_log
from convexity.http.errors import ClientGoneError, RequestError, request_error
from convexity.http.responses import (
    JSON,
    TEXT,
    send_error,
    send_preflight,
    send_response,
    shared_headers,
)

_MORE: Final = {"more_body": True}


@dataclass(frozen=True, slots=True)
class Answer:
    """A body and its media type."""

    body: bytes
    content_type: bytes = JSON


def text_answer(text: str) -> Answer:
    """An answer in plain text."""
    return Answer(text.encode(), TEXT)


class StreamedAnswer:
    """An answer whose body is read while it is sent."""

    def __init__(
        self,
        status: int,
        headers: list[tuple[bytes, bytes]],
        content: AsyncGenerator[bytes, None] | None = None,
    ) -> None:
        """Take what is sent.

        Args:
            status: HTTP status.
            headers: All headers, except those that other pages need.
            content: The body; ``None`` for an empty one.
        """
        self._status = status
        self._headers = headers
        self._content = content
        self._first = b""

    async def begin(self, scope: Scope) -> None:
        """Read the first piece of what is to be sent; its failure can still be told."""
        if scope["method"] == "HEAD":
            self._content = None
        if self._content is not None:
            self._first = await anext(self._content, b"")

    async def send(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send all, or as much as the client wants; then stop reading."""
        headers = [*self._headers, *shared_headers(scope)]
        await send({"type": "http.response.start", "status": self._status, "headers": headers})
        if self._content is not None:
            gone = asyncio.ensure_future(_client_gone(receive))
            try:
                async with aclosing(self._content) as pieces:
                    await send({"type": "http.response.body", "body": self._first, **_MORE})
                    async for piece in pieces:
                        if gone.done():
                            return
                        await send({"type": "http.response.body", "body": piece, **_MORE})
            finally:
                gone.cancel()
        await send({"type": "http.response.body", "body": b""})


async def _client_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


Handler: TypeAlias = Callable[[Scope, Receive], Awaitable[Answer | StreamedAnswer]]
"""Answers the requests of one method."""


class Endpoint:
    """The handlers of one path; any failure of theirs becomes an error of wire-protocol 2.3."""

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self._handlers = dict(handlers)
        if "GET" in handlers:
            self._handlers["HEAD"] = handlers["GET"]
        self._allow = ", ".join((*self._handlers, "OPTIONS")).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        handler = self._handlers.get(scope["method"])
        if handler is None:
            await self._without_handler(scope, send)
            return
        try:
            answer = await handler(scope, receive)
            if isinstance(answer, StreamedAnswer):
                await answer.begin(scope)
        except ClientGoneError:
            return
        except Exception as error:
            refusal = request_error(error)
            if refusal.status == 500:
                server_log.complain_of(f"{scope['method']} {scope['path']} failed:", error)
            await send_error(scope, send, refusal)
            return
        if isinstance(answer, StreamedAnswer):
            await answer.send(scope, receive, send)
        else:
            await send_response(scope, send, answer.body, content_type=answer.content_type)

    async def _without_handler(self, scope: Scope, send: Send) -> None:
        if scope["method"] == "OPTIONS":
            await send_preflight(scope, send)
            return
        error = RequestError(
            405, "MethodNotAllowed", f"{scope['method']} is not allowed for {scope['path']}."
        )
        await send_error(scope, send, error, [(b"allow", self._allow)])
