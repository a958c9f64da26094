"""The endpoints that only admins may use (wire-protocol 9.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from convexity.admin import environment, jobs, removal
from convexity.admin.environment import VariableError
from convexity.admin.indexes import described_indexes
from convexity.admin.shapes import shapes
from convexity.errors import ConvexityError
from convexity.functions.disclosure import printable
from convexity.http.admin_access import query_parameter, require_admin, required_component
from convexity.http.authorization import authenticate
from convexity.http.calls import read_object
from convexity.http.endpoints import Answer, Endpoint, Handler, text_answer
from convexity.http.errors import RequestError, bad_admin_key, bad_body
from convexity.http.function_paths import parse_path

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import Receive, Scope

    from convexity.backend import Backend
    from convexity.functions.executions import Execution

_ALLOWED_OPERATIONS: Final = (
    "ViewEnvironmentVariables",
    "WriteEnvironmentVariables",
    "ViewLogs",
    "ViewMetrics",
    "ViewData",
    "WriteData",
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


def admin_endpoints(backend: Backend) -> dict[str, Endpoint]:
    """Endpoints by path."""

    def get(work: Callable[[Backend, Scope], Awaitable[Answer]]) -> Endpoint:
        async def handle(scope: Scope, _receive: Receive) -> Answer:
            await require_admin(scope, backend)
            return await work(backend, scope)

        return Endpoint({"GET": handle})

    def post(work: Callable[[Backend, dict[str, Any]], Awaitable[Answer]]) -> Endpoint:
        async def handle(scope: Scope, receive: Receive) -> Answer:
            await require_admin(scope, backend)
            return await work(backend, await read_object(scope, receive))

        return Endpoint({"POST": handle})

    return {
        "/api/check_admin_key": Endpoint({"GET": _check_admin_key(backend)}),
        "/api/stream_function_logs": get(_stream_executions),
        "/api/stream_udf_execution": get(_stream_executions),
        "/api/list_environment_variables": get(_list_environment_variables),
        "/api/update_environment_variables": post(_update_environment_variables),
        "/api/table_sizes": get(_table_sizes),
        "/api/shapes2": get(_shapes),
        "/api/get_indexes": get(_get_indexes),
        "/api/cancel_job": post(_cancel_job),
        "/api/cancel_all_jobs": post(_cancel_all_jobs),
        "/api/count_removed": post(_count_removed),
        "/api/delete_tables": post(_delete_tables),
        "/api/delete_component": post(_delete_component),
        "/api/delete_scheduled_functions_table": post(_delete_scheduled_functions),
    }


def _check_admin_key(backend: Backend) -> Handler:
    async def handle(scope: Scope, _receive: Receive) -> Answer:
        if not (await authenticate(scope, backend.admin_key, backend.tokens)).is_admin:
            raise bad_admin_key()
        return Answer(_ADMIN_CHECK)

    return handle


async def _stream_executions(backend: Backend, scope: Scope) -> Answer:
    """Executions after ``cursor``, or only the newest cursor without one; it waits a moment."""
    executions = backend.runner.calls.executions
    cursor = query_parameter(scope, "cursor")
    if cursor and not (cursor.isascii() and cursor.isdecimal()):
        raise RequestError(400, "BadQueryArgs", "`cursor` must be a whole number.")
    found = await executions.after(int(cursor), _LOGS_WAIT) if cursor else []
    answer = {"entries": [_entry(one) for one in found], "newCursor": executions.count}
    return Answer(orjson.dumps(answer))


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


async def _list_environment_variables(backend: Backend, _scope: Scope) -> Answer:
    stored = await environment.stored(backend)
    return Answer(orjson.dumps({"environmentVariables": stored}))


async def _update_environment_variables(backend: Backend, body: dict[str, Any]) -> Answer:
    try:
        await environment.update(backend, environment.changes_of(body))
    except VariableError as error:
        raise RequestError(400, error.code, str(error)) from None
    except ValueError as error:
        raise bad_body(f"{error}.") from None
    return text_answer("")


async def _shapes(backend: Backend, scope: Scope) -> Answer:
    catalog = required_component(backend, query_parameter(scope, "component")).database
    names = [table.name for table in catalog.user_tables]
    async with backend.engine.snapshot() as snapshot:
        found = await shapes(snapshot, catalog, names)
    return Answer(orjson.dumps(found))


async def _table_sizes(backend: Backend, scope: Scope) -> Answer:
    """Number of documents of each table of the application, or of a component, by name."""
    component = required_component(backend, query_parameter(scope, "componentPath"))
    tables = [table.table for table in component.database.user_tables]
    async with backend.engine.snapshot() as snapshot:
        sizes = {
            table.name: await snapshot.count(table)
            for table in sorted(tables, key=lambda table: table.name)
        }
    removed = {} if component.path else await removal.removed_tables(backend.runner.calls)
    return Answer(orjson.dumps({"tables": sizes, "removedTables": removed}))


async def _count_removed(backend: Backend, body: dict[str, Any]) -> Answer:
    """What the next two would delete, in a request that no backend takes for the deletion."""
    if "tableNames" in body:
        return await _delete_tables(backend, body, dry_run=True)
    return await _delete_component(backend, body, dry_run=True)


async def _delete_tables(
    backend: Backend, body: dict[str, Any], *, dry_run: bool = False
) -> Answer:
    names, component = body.get("tableNames"), body.get("componentId")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise bad_body("`tableNames` is missing or no array of strings.")
    if component is not None and not isinstance(component, str):
        raise bad_body("`componentId` is no string: the path where it was mounted.")
    calls = backend.runner.calls
    return await _removed(removal.delete_tables(calls, component or "", names, dry_run=dry_run))


async def _delete_component(
    backend: Backend, body: dict[str, Any], *, dry_run: bool = False
) -> Answer:
    path = body.get("componentId")
    if not isinstance(path, str):
        raise bad_body("`componentId` is missing or no string: the path where it was mounted.")
    return await _removed(removal.delete_component(backend.runner.calls, path, dry_run=dry_run))


async def _delete_scheduled_functions(backend: Backend, body: dict[str, Any]) -> Answer:
    component = required_component(backend, body.get("componentId"))
    return await _removed(removal.delete_scheduled_functions(backend.runner.calls, component))


async def _removed(work: Awaitable[int]) -> Answer:
    try:
        return Answer(orjson.dumps({"numDeleted": await work}))
    except removal.RemovalError as error:
        raise RequestError(400, "DeleteFailed", str(error)) from None


async def _get_indexes(backend: Backend, _scope: Scope) -> Answer:
    return Answer(orjson.dumps({"indexes": described_indexes(backend.schema)}))


async def _cancel_job(backend: Backend, body: dict[str, Any]) -> Answer:
    if not isinstance(body.get("id"), str):
        raise bad_body("`id` is missing or no string: it names the scheduled function.")
    try:
        await jobs.cancel_job(
            backend.runner.calls, required_component(backend, body.get("componentId")), body["id"]
        )
    except ConvexityError as error:
        raise RequestError(400, "InvalidScheduledFunction", str(error)) from None
    return text_answer("")


async def _cancel_all_jobs(backend: Backend, body: dict[str, Any]) -> Answer:
    path = body.get("udfPath")
    if path is not None and not isinstance(path, str):
        raise bad_body("`udfPath` must be the path of a function.")
    await jobs.cancel_all_jobs(
        backend.runner.calls,
        required_component(backend, body.get("componentId")),
        None if path is None else parse_path(path),
    )
    return text_answer("")
