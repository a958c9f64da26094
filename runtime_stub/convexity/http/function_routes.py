"""The endpoints that run functions (wire-protocol 2.1)."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, unquote_to_bytes

import orjson

from convexity.http.admin_access import required_component
from convexity.http.body import parse_json, parse_object, read_json_text
from convexity.http.calls import read_call, read_object, run_call, sender_of
from convexity.http.endpoints import Answer, Endpoint, Handler
from convexity.http.errors import RequestError, bad_admin_key, bad_body
from convexity.http.function_paths import parse_path

if TYPE_CHECKING:
    from starlette.types import Receive, Scope

    from convexity.backend import Backend
    from convexity.functions.registry import FunctionKind
    from convexity.http.repeated_queries import RepeatedQueries

QUERY_PATH: Final = "/api/query"
RUN_PREFIX: Final = "/api/run/"


def function_endpoints(backend: Backend, repeated: RepeatedQueries) -> dict[str, Endpoint]:
    """Endpoints by path; the one of :data:`RUN_PREFIX` answers every path below it."""
    return {
        QUERY_PATH: Endpoint({"POST": _post_query(backend, repeated), "GET": _get_query(backend)}),
        "/api/mutation": Endpoint({"POST": _post(backend, "mutation")}),
        "/api/action": Endpoint({"POST": _post(backend, "action")}),
        "/api/function": Endpoint({"POST": _post_function(backend)}),
        "/api/query_ts": Endpoint({"POST": _post_query_ts(backend)}),
        "/api/query_at_ts": Endpoint({"POST": _post_query_at_ts(backend)}),
        "/api/query_batch": Endpoint({"POST": _post_query_batch(backend)}),
        RUN_PREFIX: Endpoint({"POST": _post_run(backend)}),
    }


def _post(backend: Backend, kind: FunctionKind) -> Handler:
    async def handle(scope: Scope, receive: Receive) -> Answer:
        sender = await sender_of(scope, backend)
        call = read_call(await read_object(scope, receive), sender.client)
        return Answer(await run_call(backend, call, sender, kind=kind))

    return handle


def _post_query(backend: Backend, repeated: RepeatedQueries) -> Handler:
    async def handle(scope: Scope, receive: Receive) -> Answer:
        text = await read_json_text(scope, receive)
        known = await repeated.answer(scope, text)
        if known is not None:
            return Answer(known)
        sender = await sender_of(scope, backend)
        call = read_call(parse_object(text), sender.client)
        answer = await run_call(backend, call, sender, kind="query")
        repeated.remember(scope, text, call)
        return Answer(answer)

    return handle


def _get_query(backend: Backend) -> Handler:
    async def handle(scope: Scope, _receive: Receive) -> Answer:
        sender = await sender_of(scope, backend)
        body: dict[str, object] = dict(_parameters(scope))
        for name in ("path", "args"):
            if name not in body:
                raise RequestError(400, "BadQueryArgs", f"The query parameter `{name}` is missing.")
        body["args"] = parse_json(str(body["args"]), "query parameter `args`")
        call = read_call(body, sender.client)
        return Answer(await run_call(backend, call, sender, kind="query"))

    return handle


def _post_function(backend: Backend) -> Handler:
    async def handle(scope: Scope, receive: Receive) -> Answer:
        sender = await sender_of(scope, backend)
        if not sender.identity.is_admin:
            raise bad_admin_key()
        body = await read_object(scope, receive)
        component = required_component(backend, body.get("componentPath")).path
        call = read_call(body, sender.client)
        return Answer(await run_call(backend, call, sender, component=component, kind=None))

    return handle


def _post_run(backend: Backend) -> Handler:
    async def handle(scope: Scope, receive: Receive) -> Answer:
        sender = await sender_of(scope, backend)
        path = _run_path(scope)
        # Without a format, the version of the client does not count here (wire-protocol 1.5).
        call = read_call(await read_object(scope, receive), None, path)
        return Answer(await run_call(backend, call, sender, kind=None))

    return handle


def _post_query_ts(backend: Backend) -> Handler:
    async def handle(scope: Scope, _receive: Receive) -> Answer:
        await sender_of(scope, backend)
        ts = await backend.engine.latest_timestamp()
        return Answer(orjson.dumps({"ts": base64.b64encode(ts.to_bytes(8, "little")).decode()}))

    return handle


def _post_query_at_ts(backend: Backend) -> Handler:
    async def handle(scope: Scope, receive: Receive) -> Answer:
        sender = await sender_of(scope, backend)
        body = await read_object(scope, receive)
        call = read_call(body, sender.client)
        ts = _timestamp(body.get("ts"))
        if ts > await backend.engine.latest_timestamp():
            raise bad_body("`ts` lies in the future; take it from /api/query_ts.")
        return Answer(await run_call(backend, call, sender, kind="query", ts=ts))

    return handle


def _post_query_batch(backend: Backend) -> Handler:
    async def handle(scope: Scope, receive: Receive) -> Answer:
        sender = await sender_of(scope, backend)
        queries = (await read_object(scope, receive)).get("queries")
        if not isinstance(queries, list):
            raise bad_body("`queries` is missing or no array.")
        calls = [read_call(query, sender.client) for query in queries]
        ts = await backend.engine.latest_timestamp()
        results = [await run_call(backend, call, sender, kind="query", ts=ts) for call in calls]
        return Answer(b'{"results":[' + b",".join(results) + b"]}")

    return handle


def _parameters(scope: Scope) -> dict[str, str]:
    """Query parameters; of several with one name, the last counts."""
    try:
        query = scope["query_string"].decode("ascii")
        found = parse_qs(query, keep_blank_values=True, errors="strict")
    except ValueError:
        raise RequestError(400, "BadQueryArgs", "The query string is not UTF-8.") from None
    return {name: values[-1] for name, values in found.items()}


def _run_path(scope: Scope) -> str:
    """The function path in ``/api/run/a/b/function``; each part is decoded on its own.

    Raises:
        RequestError: 400: ``MissingIdentifier`` or ``BadConvexFunctionIdentifier``.
    """
    raw = (scope.get("raw_path") or scope["path"].encode()).partition(b"?")[0]
    parts = [part for part in raw.split(b"/") if part][2:]
    if len(parts) < 2:
        raise RequestError(
            400,
            "MissingIdentifier",
            "The path must be /api/run/<module>/<function>, with the module's folders in between.",
        )
    *module, export = (unquote_to_bytes(part).decode("utf-8", "replace") for part in parts)
    return parse_path(f"{'/'.join(module)}:{export}")


def _timestamp(text: object) -> int:
    """A time as ``/api/query_ts`` writes it.

    Raises:
        RequestError: ``BadJsonBody``.
    """
    try:
        data = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        data = b""
    if len(data) != 8:
        raise bad_body("`ts` is missing, or is not base64 of 8 bytes; take it from /api/query_ts.")
    return int.from_bytes(data, "little")
