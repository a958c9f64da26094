"""The two ends of an HTTP action's connection, with the limits of wire-protocol 5.3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity.errors import ConvexityError
from convexity.values.limits import MAX_HTTP_ACTION_BODY_SIZE

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Send

_CONTENT_TOO_LARGE: Final = 413


class BodyTooLargeError(ConvexityError):
    """The body of a request or response is larger than an HTTP action may read or send."""


class LimitedReceive:
    """Receives the body of a request, of which methods without one have none."""

    refusal_status: int | None = None
    """Status that says what was wrong with the request, if it is to blame."""

    def __init__(self, receive: Receive, *, has_body: bool) -> None:
        self._receive = receive
        self._has_body = has_body
        self._size = 0

    async def __call__(self) -> Message:
        """The next message.

        Raises:
            BodyTooLargeError: the body is too large.
        """
        if not self._has_body:
            self._has_body = True
            return {"type": "http.request", "body": b"", "more_body": False}
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self._size > MAX_HTTP_ACTION_BODY_SIZE:
            self.refusal_status = _CONTENT_TOO_LARGE
            raise BodyTooLargeError(
                f"the body of the request is larger than {MAX_HTTP_ACTION_BODY_SIZE} bytes"
            )
        return message


class LimitedSend:
    """Sends a response; to a HEAD request without its body."""

    has_started = False
    """Whether the status was sent, after which a failure cannot be told any more."""

    def __init__(self, send: Send, *, is_head: bool) -> None:
        self._send = send
        self._is_head = is_head
        self._size = 0

    async def __call__(self, message: Message) -> None:
        """Send a message.

        Raises:
            BodyTooLargeError: the body is too large.
        """
        if message["type"] == "http.response.start":
            announced = dict(message.get("headers", ())).get(b"content-length", b"0")
            _check(int(announced))
            self.has_started = True
        elif message["type"] == "http.response.body":
            self._size += len(message.get("body", b""))
            _check(self._size)
            if self._is_head:
                message = {**message, "body": b""}
        await self._send(message)


def _check(size: int) -> None:
    if size > MAX_HTTP_ACTION_BODY_SIZE:
        raise BodyTooLargeError(
            f"the body of the response is larger than {MAX_HTTP_ACTION_BODY_SIZE} bytes"
        )
