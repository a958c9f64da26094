"""The endpoints that tell of the deployment (wire-protocol 9.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.admin.metrics import CONTENT_TYPE
from convexity.http.admin_access import require_admin
from convexity.http.body import read_body
from convexity.http.calls import read_object
from convexity.http.endpoints import Answer, Endpoint, Handler, text_answer
from convexity.http.errors import RequestError
from convexity.http.headers import header
from convexity.version import VERSION

if TYPE_CHECKING:
    from starlette.types import Receive, Scope

    from convexity.backend import Backend


def yielding_endpoints(backend: Backend) -> dict[str, Endpoint]:
    """Endpoints by path that give way to a route of the project at the same path."""
    return {
        "/healthz": Endpoint({"GET": _text("ok")}),
        "/readyz": Endpoint({"GET": _ready(backend)}),
        "/metrics": Endpoint({"GET": _metrics(backend)}),
    }


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


def _ready(backend: Backend) -> Handler:
    """Whether requests should come here: not before the start, nor while the backend stops."""

    async def handle(_scope: Scope, _receive: Receive) -> Answer:
        if backend.is_stopping:
            raise RequestError(503, "Stopping", "The backend is stopping.")
        if backend.engine.is_superseded:
            message = "Another version of the schema was deployed; start this process again."
            raise RequestError(503, "Superseded", message)
        async with backend.engine.snapshot() as snapshot:
            await snapshot.meta_get("admin_key")
        return text_answer("ready")

    return handle


def _metrics(backend: Backend) -> Handler:
    async def handle(scope: Scope, _receive: Receive) -> Answer:
        if not backend.settings.public_metrics:
            await require_admin(scope, backend)
        return Answer(backend.metrics.text(), CONTENT_TYPE)

    return handle


async def _echo(scope: Scope, receive: Receive) -> Answer:
    body = await read_body(scope, receive)
    content_type = header(scope, b"content-type") or "application/octet-stream"
    return Answer(body, content_type.encode("latin-1"))


async def _debug_event(scope: Scope, receive: Receive) -> Answer:
    """Take note of nothing: clients report here how their connection fares."""
    await read_object(scope, receive)
    return text_answer("")
