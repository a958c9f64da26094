"""The endpoints that tell of the deployment (wire-protocol 9.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.http.body import read_body
from convexity.http.calls import read_object
from convexity.http.endpoints import Answer, Endpoint, Handler, text_answer
from convexity.http.headers import header
from convexity.version import VERSION

if TYPE_CHECKING:
    from starlette.types import Receive, Scope

    from convexity.backend import Backend


def service_endpoints(backend: Backend) -> dict[str, Endpoint]:
    """Endpoints by path."""
    return {
        "/": Endpoint({"GET": _text("This convexity deployment is running. See /docs.")}),
        "/version": Endpoint({"GET": _text(VERSION)}),
        "/instance_name": Endpoint({"GET": _text(backend.project)}),
        "/instance_version": Endpoint({"GET": _text(VERSION)}),
        "/echo": Endpoint({"POST": _echo}),
        "/api/debug_event": Endpoint({"POST": _debug_event}),
    }


def _text(text: str) -> Handler:
    async def handle(_scope: Scope, _receive: Receive) -> Answer:
        return text_answer(text)

    return handle


async def _echo(scope: Scope, receive: Receive) -> Answer:
    body = await read_body(scope, receive)
    content_type = header(scope, b"content-type") or "application/octet-stream"
    return Answer(body, content_type.encode("latin-1"))


async def _debug_event(scope: Scope, receive: Receive) -> Answer:
    """Take note of nothing: clients report here how their connection fares."""
    await read_object(scope, receive)
    return text_answer("")
