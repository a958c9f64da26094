"""From a request that names a function to its answer."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from convexity.functions.answers import error_answer, success_answer
from convexity.functions.disclosure import report
from convexity.functions.meta import RequestMetadata
from convexity.functions.names import canonical_path, is_system_path
from convexity.http.authorization import authenticate
from convexity.http.body import parse_object, read_json_text
from convexity.http.clients import Client, parse_client, result_format
from convexity.http.errors import RequestError, bad_body
from convexity.http.function_paths import parse_path
from convexity.http.headers import header
from convexity.sync.query_result import question
from convexity.values.limits import MAX_HTTP_REQUEST_TIME

if TYPE_CHECKING:
    from starlette.types import Receive, Scope

    from convexity.auth.identity import Identity
    from convexity.backend import Backend
    from convexity.functions.registry import FunctionKind
    from convexity.sync.query_result import Question
    from convexity.values.encoding import Format

_SHORT: Final = ("query", "mutation")
_REQUEST_TOO_LONG: Final = RequestError(
    408, "RequestTimeout", f"The function took longer than {MAX_HTTP_REQUEST_TIME:g} s."
)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent a request, and with what."""

    identity: Identity
    client: Client | None
    metadata: RequestMetadata


@dataclass(frozen=True)
class FunctionCall:
    """What a request asks for."""

    path: str
    args: list[Any] | dict[str, Any]
    format: Format

    @cached_property
    def question(self) -> Question:
        """The call as a question to the cache of queries."""
        return question(self.path, self.args)


async def sender_of(scope: Scope, backend: Backend) -> Sender:
    """Read the headers that say who calls.

    Raises:
        RequestError: ``Convex-Client`` or ``Authorization`` is not acceptable.
    """
    client = parse_client(header(scope, b"convex-client"))
    identity = await authenticate(scope, backend.admin_key, backend.tokens)
    address = scope.get("client")
    metadata = RequestMetadata(
        ip=address[0] if address else None,
        user_agent=header(scope, b"user-agent"),
        request_id=secrets.token_hex(8),
    )
    return Sender(identity, client, metadata)


async def read_object(scope: Scope, receive: Receive) -> dict[str, Any]:
    """The JSON object that a request carries.

    Raises:
        RequestError: ``BadJsonBody``.
    """
    return parse_object(await read_json_text(scope, receive))


def read_call(body: object, client: Client | None, path: str | None = None) -> FunctionCall:
    """Read ``{path, args, format?}``.

    Args:
        body: The object.
        client: Who sent it; decides the format where the object does not.
        path: Canonical path of the function, where the object does not name it.

    Raises:
        RequestError: a part is missing or not what it must be.
    """
    if not isinstance(body, dict):
        raise bad_body("Each query must be a JSON object.")
    if path is None:
        if not isinstance(body.get("path"), str):
            raise bad_body("`path` is missing or no string: it names the function to run.")
        path = parse_path(body["path"])
    args = body.get("args")
    if not isinstance(args, dict | list):
        raise bad_body(
            "`args` is missing, or neither an object nor an array that holds one object."
        )
    return FunctionCall(path, args, result_format(body.get("format"), client))


async def run_call(
    backend: Backend,
    call: FunctionCall,
    sender: Sender,
    *,
    component: str = "",
    kind: FunctionKind | None,
    ts: int | None = None,
) -> bytes:
    """Run a function; return the JSON of its outcome.

    Args:
        backend: The backend.
        call: What to run.
        sender: Who asks.
        component: Path of the component; other than empty for admins only.
        kind: The kind the function must have; ``None`` takes any.
        ts: For a query, the time of the snapshot it reads.

    Raises:
        RequestError: 408: an action takes longer than a request may; it goes on running.
    """
    if is_system_path(call.path) and not sender.identity.is_plain_admin:
        raise RequestError(403, "Unauthorized", f"Operation {kind or 'function'} not permitted")
    if kind == "query" and ts is None:
        return await _run_query(backend, call, sender)
    identity = sender.identity
    run = backend.runner.run(
        call.path,
        call.args,
        identity=identity,
        component=component,
        kind=kind,
        request=sender.metadata,
        ts=ts,
        allow_internal=identity.is_admin,
    )
    try:
        # Queries and mutations have shorter limits of their own.
        result = await (run if kind in _SHORT else backend.within(MAX_HTTP_REQUEST_TIME, run))
    except TimeoutError:
        raise _REQUEST_TOO_LONG from None
    request_id = sender.metadata.request_id
    path = canonical_path(call.path)
    report(path, result.log_lines, result.error, request_id=request_id)
    redact = backend.settings.redact_errors
    if result.error is None:
        return success_answer(result, format=call.format, redact=redact)
    return error_answer(
        result, result.error, format=call.format, request_id=request_id, redact=redact
    )


async def _run_query(backend: Backend, call: FunctionCall, sender: Sender) -> bytes:
    """Answer a query by a result that still holds, or by running it."""
    result = await backend.queries.answer(call.question, sender.identity, sender.metadata)
    function, request_id = result.function, result.request_id
    is_new = request_id == sender.metadata.request_id
    if is_new:
        report(call.path, function.log_lines, function.error, request_id=request_id)
    redact = backend.settings.redact_errors
    if function.error is None:
        return result.answer_json(call.format, redact=redact)
    return error_answer(
        function, function.error, format=call.format, request_id=request_id, redact=redact
    )
