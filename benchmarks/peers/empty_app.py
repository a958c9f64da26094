"""An ASGI application that does nothing: the limit of the server and the load generator."""

from __future__ import annotations

from typing import Any

HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"2")]


async def app(_scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Read the request and answer ``{}``."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": b"{}"})
