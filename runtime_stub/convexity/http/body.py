"""Request bodies: read within the limit, parsed as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from convexity.http.errors import ClientGoneError, RequestError, bad_body
from convexity.http.headers import header
from convexity.values.limits import MAX_HTTP_BODY_SIZE

if TYPE_CHECKING:
    from starlette.types import Receive, Scope

_MAX_DISCARDED: Final = 4 * MAX_HTTP_BODY_SIZE
"""Bytes of a body that is too large which are read and dropped: most clients read the answer only
after they have sent everything."""


async def read_json_text(scope: Scope, receive: Receive) -> bytes:
    """The body of a request that announces JSON, not parsed yet.

    Raises:
        RequestError: ``BadJsonBody``: no JSON content type, or too large.
        ClientGoneError: the client closed the connection.
    """
    content_type = header(scope, b"content-type")
    if not _is_json(content_type):
        raise bad_body("Expected a request with `Content-Type: application/json`.")
    return await read_body(scope, receive)


def parse_object(text: bytes) -> dict[str, Any]:
    """The JSON object that a request carries.

    Raises:
        RequestError: ``BadJsonBody``.
    """
    tree = parse_json(text, "request body")
    if not isinstance(tree, dict):
        raise bad_body("The request body must be a JSON object.")
    return tree


def parse_json(text: bytes | str, place: str) -> Any:
    """Parse JSON.

    Raises:
        RequestError: ``BadJsonBody``: it is no JSON, is not UTF-8, holds a lone surrogate, or is
            nested too deep to be read at all.
    """
    try:
        return orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        raise bad_body(f"Failed to parse the {place} as JSON: {error}") from None


async def read_body(scope: Scope, receive: Receive) -> bytes:
    """The body of a request, of which no more than the limit is ever held.

    Raises:
        RequestError: ``BadJsonBody``: it is too large.
        ClientGoneError: the client closed the connection.
    """
    announced = header(scope, b"content-length") or ""
    if announced.isdecimal() and int(announced) > MAX_HTTP_BODY_SIZE:
        await _discard(scope, receive)
        raise too_large()
    message = await _receive(receive)
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        chunks = [body]
        size = len(body)
        while message.get("more_body") and size <= MAX_HTTP_BODY_SIZE:
            message = await _receive(receive)
            chunk = message.get("body", b"")
            size += len(chunk)
            chunks.append(chunk)
        body = b"".join(chunks)
        del chunks
    if len(body) > MAX_HTTP_BODY_SIZE:
        del body
        if message.get("more_body"):
            await _discard(scope, receive)
        raise too_large()
    return body


def too_large() -> RequestError:
    """400 for a body above the limit."""
    return bad_body(f"The request body is too large (limit: {MAX_HTTP_BODY_SIZE} bytes).")


async def _discard(scope: Scope, receive: Receive) -> None:
    """Read the rest of a body, up to a limit; a connection that has more is closed."""
    dropped, more = 0, True
    while more and dropped < _MAX_DISCARDED:
        message = await _receive(receive)
        dropped += len(message.get("body", b""))
        more = bool(message.get("more_body"))
    scope["convexity.close"] = more


async def _receive(receive: Receive) -> Any:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientGoneError
    return message


def _is_json(content_type: str | None) -> bool:
    """Whether a media type is JSON: ``application/json`` or ``application/...+json``."""
    media_type = (content_type or "").partition(";")[0].strip().lower()
    return media_type == "application/json" or (
        media_type.startswith("application/") and media_type.endswith("+json")
    )
