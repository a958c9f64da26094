"""Answering requests with the HTTP actions of a project (wire-protocol 5)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from convexity.auth.identity import Identity
from convexity.errors import ReturnsValidationError
from convexity.functions.disclosure import error_data_json, printable, report
from convexity.functions.meta import RequestMetadata
from convexity.functions.registration import RegisteredAction
from convexity.functions.registry import Function
from convexity.http.authorization import authenticate
from convexity.http.errors import RequestError
from convexity.http.headers import header
from convexity.http.responses import TEXT
from convexity.http.transfer_limits import LimitedReceive, LimitedSend
from convexity.values import ObjectValidator, v

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from convexity.backend import Backend
    from convexity.functions.contexts import ActionCtx
    from convexity.functions.failure import FunctionError
    from convexity.server.site import ServedRoute

PREFIX: Final = "/http"
"""Below this path of the API's port every HTTP action answers, whatever its path."""

_ROUTABLE: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
_WITHOUT_BODY: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_NO_ROUTER: Final = "This Convex deployment does not have HTTP actions enabled."
_NO_ROUTE: Final = "No matching routes found"


class HttpActions:
    """The routes of a project as an ASGI application."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._functions = {served: _function(served) for served in backend.site.routes}

    def answers(self, scope: Scope) -> bool:
        """Whether a route has the method and path of a request."""
        return self._backend.site.find(scope["method"], request_path(scope)) is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request whose path is that of a route."""
        method = scope["method"]
        if method not in _ROUTABLE:
            await _send_text(send, 405, f"{method} is not allowed")
            return
        served = self._backend.site.find(method, request_path(scope))
        if served is None:
            await _send_text(send, 404, _NO_ROUTE if self._functions else _NO_ROUTER)
            return
        await self._respond(served, scope, receive, send)

    async def _respond(
        self, served: ServedRoute, scope: Scope, receive: Receive, send: Send
    ) -> None:
        function = self._functions[served]
        identity = await self._identity(scope)
        incoming = LimitedReceive(receive, has_body=scope["method"] not in _WITHOUT_BODY)
        outgoing = LimitedSend(send, is_head=scope["method"] == "HEAD")
        request = Request({**scope, "scheme": _scheme(scope)}, incoming)

        async def respond(ctx: ActionCtx) -> None:
            response = await served.route.handler.handler(ctx, request)
            if not isinstance(response, Response):
                raise ReturnsValidationError(
                    f"{function.path} must return a Response, not {response!r}"
                )
            await response(request.scope, incoming, outgoing)

        address = scope.get("client")
        metadata = RequestMetadata(
            ip=address[0] if address else None,
            user_agent=header(scope, b"user-agent"),
            request_id=secrets.token_hex(8),
            auth_token=identity.token,
        )
        result = await self._backend.runner.run_http_action(
            function,
            respond,
            component=served.component,
            identity=identity,
            request=metadata,
        )
        report(function.path, result.log_lines, result.error, request_id=metadata.request_id)
        if result.error is not None and not outgoing.has_started:
            body = self._failure(result.error, metadata.request_id)
            await _send_body(outgoing, incoming.refusal_status or 500, b"application/json", body)

    async def _identity(self, scope: Scope) -> Identity:
        """Who sent a request; what it proves with may be meant for the action itself."""
        try:
            return await authenticate(scope, self._backend.admin_key, self._backend.tokens)
        except RequestError as error:
            return Identity(refusal=error.message)

    def _failure(self, error: FunctionError, request_id: str) -> bytes:
        code = f"[Request ID: {request_id}] Server Error"
        body: dict[str, Any] = {"code": code}
        if not self._backend.settings.redact_errors:
            body = {"code": printable(f"{code}: {error.message}"), "trace": printable(error.text)}
        data = error_data_json(error, "json")
        return orjson.dumps(body if data is None else {**body, "data": orjson.Fragment(data)})


def request_path(scope: Scope) -> str:
    """The path of a request as received, percent-encoded, without its query."""
    raw = scope.get("raw_path")
    text = scope["path"] if raw is None else raw.decode("latin-1")
    return str(text).partition("?")[0]


def below_prefix(scope: Scope) -> bool:
    """Whether a request is for any HTTP action, by its path below :data:`PREFIX`."""
    return request_path(scope).startswith(f"{PREFIX}/")


def without_prefix(scope: Scope) -> Scope:
    """A request below :data:`PREFIX` as the action sees it."""
    raw = request_path(scope).removeprefix(PREFIX)
    return {**scope, "path": scope["path"].removeprefix(PREFIX), "raw_path": raw.encode("latin-1")}


def _function(served: ServedRoute) -> Function:
    """The action as ``ctx.meta``, limits and logs know it: by its method and path."""
    name = str(served)
    args, returns = ObjectValidator({}), v.any()
    registered: RegisteredAction[Any, Any] = RegisteredAction(
        served.route.handler.handler,
        kind="action",
        visibility="public",
        args=args,
        returns=returns,
        name=name,
    )
    return Function(
        path=name,
        registered=registered,
        kind="action",
        visibility="public",
        args=args,
        returns=returns,
    )


def _scheme(scope: Scope) -> str:
    """The scheme that the client used: a proxy tells, in either of two headers."""
    forwarded = header(scope, b"x-forwarded-proto")
    if forwarded is None:
        pairs = (header(scope, b"forwarded") or "").partition(",")[0].split(";")
        named = (pair.strip().partition("=") for pair in pairs)
        forwarded = next((value for name, _, value in named if name.lower() == "proto"), None)
    scheme = (forwarded or "").partition(",")[0].strip().strip('"').lower()
    return scheme if scheme in ("http", "https") else "http"


async def _send_text(send: Send, status: int, text: str) -> None:
    await _send_body(send, status, TEXT, text.encode())


async def _send_body(send: Send, status: int, content_type: bytes, body: bytes) -> None:
    headers = [(b"content-type", content_type), (b"content-length", b"%d" % len(body))]
    start: Message = {"type": "http.response.start", "status": status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": body})
