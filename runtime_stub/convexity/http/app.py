"""The FastAPI application of a backend."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from convexity import server_log
from convexity.backend import StartError
from convexity.http.admin_routes import admin_endpoints
from convexity.http.app_metrics_routes import app_metrics_endpoints
from convexity.http.collector import spare_collector
from convexity.http.docs_page import add_docs_page
from convexity.http.errors import RequestError
from convexity.http.function_routes import RUN_PREFIX, function_endpoints
from convexity.http.graceful import APPLICATION
from convexity.http.http_actions import (
    HttpActions,
    below_prefix,
    without_prefix,
)
from convexity.http.openapi import Operation, add_http_actions, add_operations
from convexity.http.repeated_queries import RepeatedQueries
from convexity.http.responses import send_error
from convexity.http.service_routes import service_endpoints, yielding_endpoints
from convexity.http.storage_routes import FILES_PREFIX, storage_endpoints
from convexity.http.transfer_routes import transfer_endpoints
from convexity.sync.socket import SyncEndpoint
from convexity.version import VERSION

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from convexity.backend import Backend
    from convexity.http.endpoints import Endpoint

SITE_PORT: Final = "CONVEXITY_SITE_PORT"
"""Variable with the port that carries HTTP actions alone; ``python main.py`` sets it."""

_PREFIXES: Final = (RUN_PREFIX, FILES_PREFIX)
_SLASHES: Final = re.compile(r"//+")
_CODES: Final = {404: "NotFound", 405: "MethodNotAllowed"}


def create_app(backend: Backend) -> BackendApp:
    """Make the application of a backend, which starts and stops with it."""
    return BackendApp(backend)


class BackendApp(FastAPI):
    """Answers the official clients, and describes the public functions at ``/docs``.

    Requests to known paths go to their endpoints directly, past FastAPI's middleware; so do those
    that HTTP actions answer. Everything else, such as the documentation pages and routes that a
    project adds, is FastAPI's.

    Attributes:
        backend: What is served.
        site_port: Port on which HTTP actions alone answer; ``None``: there is none.
        repeated_queries: Answers those that came before.
    """

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.site_port = int(os.environ.get(SITE_PORT, 0)) or None
        self.repeated_queries = RepeatedQueries(backend)
        self._endpoints = {
            **service_endpoints(backend),
            **function_endpoints(backend, self.repeated_queries),
            **admin_endpoints(backend),
            **app_metrics_endpoints(backend),
            **transfer_endpoints(backend),
            **storage_endpoints(backend),
        }
        self._yielding = yielding_endpoints(backend)
        self._http_actions = HttpActions(backend)
        self._sync = SyncEndpoint(backend)
        self._operations: list[Operation] = []
        super().__init__(
            title=backend.project,
            version=VERSION,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
        )
        add_docs_page(self)
        self.add_exception_handler(HTTPException, _refuse)

    def operation(
        self, path: str, *, args: Any, returns: Any, summary: str = "", description: str = ""
    ) -> None:
        """Describe a public function in the OpenAPI document.

        Args:
            path: Wire path, ``module:function``.
            args: Type of its arguments, as JSON.
            returns: Type of its result, as JSON.
            summary: What it does, in a line.
            description: More, in Markdown.
        """
        self._operations.append(
            Operation(
                path=path, args=args, returns=returns, summary=summary, description=description
            )
        )

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once."""
        if self.openapi_schema is None:
            document = super().openapi()
            add_operations(document, self._operations)
            add_http_actions(document, self.backend.site.routes)
        return super().openapi()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or start and stop the backend."""
        if scope["type"] == "lifespan":
            scope.get("state", {})[APPLICATION] = self
            await self._live(receive, send)
            return
        is_for_site = self.is_for_site(scope)
        if scope["type"] == "websocket":
            is_sync = self._sync.concerns(scope["path"]) and not is_for_site
            await (self._sync if is_sync else super().__call__)(scope, receive, send)
            return
        if is_for_site:
            await self._http_actions(scope, receive, send)
            return
        endpoint = self._endpoints.get(scope["path"]) or self._lenient(scope["path"])
        if endpoint is not None:
            await endpoint(scope, receive, send)
        elif below_prefix(scope):
            await self._http_actions(without_prefix(scope), receive, send)
        elif self._is_answered_by_route(scope):
            await self._http_actions(scope, receive, send)
        elif scope["path"] in self._yielding:
            await self._yielding[scope["path"]](scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def is_for_site(self, scope: Scope) -> bool:
        """Whether HTTP actions alone answer where a request arrived."""
        return self.site_port is not None and scope["server"][1] == self.site_port

    async def drain(self, deadline: float) -> None:
        """Begin to stop: close sockets as soon as what they asked for is answered.

        Args:
            deadline: Until when that is waited for, by the clock of the event loop.
        """
        self.backend.begin_stop(deadline)
        await self._sync.drain(deadline)

    def _is_answered_by_route(self, scope: Scope) -> bool:
        """Whether an HTTP action has the path of a request, and nothing of FastAPI's is there."""
        if not self._http_actions.answers(scope):
            return False
        return not any(route.matches(scope)[0] is Match.FULL for route in self.router.routes)

    def _lenient(self, path: str) -> Endpoint | None:
        """The endpoint of a path with doubled or trailing slashes, or of all below a prefix."""
        path = _SLASHES.sub("/", path)
        endpoint = self._endpoints.get(path.rstrip("/"))
        if endpoint is not None:
            return endpoint
        below = next((prefix for prefix in _PREFIXES if path.startswith(prefix)), None)
        return None if below is None else self._endpoints[below]

    async def _live(self, receive: Receive, send: Send) -> None:
        """Start with the server and stop with it; a refusal is a message, not a traceback."""
        await receive()
        try:
            await self.backend.start()
        except StartError as error:
            server_log.complain(f"The backend does not start: {error}")
            await send({"type": "lifespan.startup.failed", "message": ""})
            return
        except Exception as error:
            # Servers take an application that raises for one that needs no start, and serve it.
            server_log.complain_of("The backend does not start:", error)
            await send({"type": "lifespan.startup.failed", "message": ""})
            return
        spare_collector()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.backend.stop()
        await send({"type": "lifespan.shutdown.complete"})


class _Refusal(Response):
    """What FastAPI refuses, in the shape of the API's errors."""

    def __init__(self, error: HTTPException) -> None:
        super().__init__(status_code=error.status_code)
        self._error = error

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        status = self._error.status_code
        code = _CODES.get(status, "BadRequest")
        headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in (self._error.headers or {}).items()
        ]
        message = f"{self._error.detail}: {scope['method']} {scope['path']}"
        await send_error(scope, send, RequestError(status, code, message), headers)


async def _refuse(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return _Refusal(error)
