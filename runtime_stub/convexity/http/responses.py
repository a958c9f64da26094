"""Answers on the wire: JSON and text, with the CORS headers of the API (wire-protocol 2.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from convexity.http.headers import header

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import Scope, Send

    from convexity.http.errors import RequestError

JSON: Final = b"application/json"
TEXT: Final = b"text/plain; charset=utf-8"
_PREFLIGHT_AGE: Final = b"86400"
_EXPOSED: Final = b"accept-ranges, content-range, digest, etag"
_METHODS: Final = b"GET, POST, OPTIONS, PATCH, DELETE, PUT"


async def send_response(
    scope: Scope,
    send: Send,
    body: bytes,
    *,
    status: int = 200,
    content_type: bytes = JSON,
    headers: Sequence[tuple[bytes, bytes]] = (),
) -> None:
    """Send a whole answer."""
    fields = response_fields(scope, body, content_type)
    fields += headers
    if scope.get("convexity.close"):
        fields.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def response_fields(
    scope: Scope, body: bytes, content_type: bytes = JSON
) -> list[tuple[bytes, bytes]]:
    """The headers of a whole answer."""
    fields = [(b"content-type", content_type), (b"content-length", b"%d" % len(body))]
    origin = header(scope, b"origin")
    if origin is not None:
        fields += _shared_with(origin.encode("latin-1"))
    return fields


async def send_error(
    scope: Scope, send: Send, error: RequestError, headers: Sequence[tuple[bytes, bytes]] = ()
) -> None:
    """Send the answer to a request that failed."""
    body = orjson.dumps(
        {"code": error.code, "message": error.message.encode("utf-8", "replace").decode()}
    )
    await send_response(scope, send, body, status=error.status, headers=headers)


async def send_preflight(scope: Scope, send: Send) -> None:
    """Answer a browser that asks whether another page may call the API: any may."""
    allowed = [
        (b"access-control-allow-methods", _METHODS),
        (b"access-control-max-age", _PREFLIGHT_AGE),
    ]
    wanted = header(scope, b"access-control-request-headers")
    if wanted is not None:
        allowed.append((b"access-control-allow-headers", wanted.encode("latin-1")))
    await send_response(scope, send, b"", content_type=TEXT, headers=allowed)


def shared_headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Headers by which pages of any origin may read an answer that caches keep.

    It varies by origin also where none is named: else a browser that has shown an image would give
    the cached answer, without these headers, to a script that fetches it.
    """
    origin = header(scope, b"origin")
    if origin is None:
        return [(b"vary", b"origin")]
    return [*_shared_with(origin.encode("latin-1")), (b"access-control-expose-headers", _EXPOSED)]


def _shared_with(origin: bytes) -> list[tuple[bytes, bytes]]:
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"origin, access-control-request-method, access-control-request-headers"),
    ]
