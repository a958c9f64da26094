"""ASGI endpoints: one per path, with a handler per method.

They sit directly on ASGI, without request and response objects, because they are the hot path.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from starlette.types import Receive, Scope, Send

from convexity import server_log
from convexity.http.errors import ClientGoneError, RequestError, request_error
from convexity.http.responses import (
    JSON,
    TEXT,
    send_error,
    send_preflight,
    send_response,
    send_stream,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A body and its media type."""

    body: bytes
    content_type: bytes = JSON


def text_answer(text: str) -> Answer:
    """An answer in plain text."""
    return Answer(text.encode(), TEXT)


@dataclass(frozen=True, slots=True)
class Streamed:
    """A body that is made while it is sent, with its headers."""

    pieces: AsyncIterator[bytes]
    headers: Sequence[tuple[bytes, bytes]]


Handler: TypeAlias = Callable[[Scope, Receive], Awaitable[Answer | Streamed]]
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
        except ClientGoneError:
            return
        except Exception as error:
            refusal = request_error(error)
            if refusal.status == 500:
                server_log.complain_of(f"{scope['method']} {scope['path']} failed:", error)
            await send_error(scope, send, refusal)
            return
        if isinstance(answer, Streamed):
            await send_stream(send, answer.pieces, answer.headers)
            return
        await send_response(scope, send, answer.body, content_type=answer.content_type)

    async def _without_handler(self, scope: Scope, send: Send) -> None:
        if scope["method"] == "OPTIONS":
            await send_preflight(scope, send)
            return
        error = RequestError(
            405, "MethodNotAllowed", f"{scope['method']} is not allowed for {scope['path']}."
        )
        await send_error(scope, send, error, [(b"allow", self._allow)])
