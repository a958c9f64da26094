"""The endpoints that tell of the deployment (wire-protocol 9.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

import orjson

from convexity.functions.disclosure import printable
from convexity.http.authorization import authenticate
from convexity.http.body import read_body
from convexity.http.calls import read_object
from convexity.http.endpoints import Answer, Endpoint, Handler, text_answer
from convexity.http.errors import RequestError, bad_admin_key
from convexity.http.headers import header
from convexity.version import VERSION

if TYPE_CHECKING:
    from starlette.types import Receive, Scope

    from convexity.backend import Backend
    from convexity.functions.executions import Execution

_ALLOWED_OPERATIONS: Final = (
    "ActAsUser",
    "RunInternalQueries",
    "RunInternalMutations",
    "RunInternalActions",
)
"""What the admin key permits (wire-protocol 2.4)."""
_LOGS_WAIT: Final = 2.0
"""Seconds for which a request for logs waits: short, since a server that stops waits for it."""
_ADMIN_CHECK: Final = orjson.dumps(
    {"success": True, "allowedOps": _ALLOWED_OPERATIONS, "isReadOnly": False}
)


def service_endpoints(backend: Backend) -> dict[str, Endpoint]:
    """Endpoints by path."""
    return {
        "/": Endpoint({"GET": _text("This convexity deployment is running. See /docs.")}),
        "/version": Endpoint({"GET": _text(VERSION)}),
        "/instance_name": Endpoint({"GET": _text(backend.project)}),
        "/instance_version": Endpoint({"GET": _text(VERSION)}),
        "/echo": Endpoint({"POST": _echo}),
        "/api/debug_event": Endpoint({"POST": _debug_event}),
        "/api/stream_function_logs": Endpoint({"GET": _stream_function_logs(backend)}),
        "/api/check_admin_key": Endpoint({"GET": _check_admin_key(backend)}),
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


def _stream_function_logs(backend: Backend) -> Handler:
    """Executions after ``cursor``, or only the newest cursor without one; it waits a moment."""

    async def handle(scope: Scope, _receive: Receive) -> Answer:
        if not (await authenticate(scope, backend.admin_key, backend.tokens)).is_admin:
            raise bad_admin_key()
        executions = backend.runner.calls.executions
        cursor = parse_qs(scope["query_string"].decode("latin-1")).get("cursor", [""])[-1]
        if cursor and not cursor.isdecimal():
            raise RequestError(400, "BadQueryArgs", "`cursor` must be a whole number.")
        found = await executions.after(int(cursor), _LOGS_WAIT) if cursor else []
        answer = {"entries": [_entry(one) for one in found], "newCursor": executions.count}
        return Answer(orjson.dumps(answer))

    return handle


def _entry(execution: Execution) -> dict[str, object]:
    return {
        "kind": "Completion",
        "identifier": execution.path,
        "udfType": execution.kind.capitalize(),
        "timestamp": execution.started,
        "executionTime": execution.seconds,
        "logLines": [printable(line) for line in execution.log_lines],
        "error": None if execution.error is None else printable(execution.error),
        "requestId": execution.request_id,
        "cachedResult": False,
    }


def _check_admin_key(backend: Backend) -> Handler:
    async def handle(scope: Scope, _receive: Receive) -> Answer:
        if not (await authenticate(scope, backend.admin_key, backend.tokens)).is_admin:
            raise bad_admin_key()
        return Answer(_ADMIN_CHECK)

    return handle
