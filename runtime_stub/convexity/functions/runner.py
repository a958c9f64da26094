"""Running functions for clients: from a path and JSON arguments to a result."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from convexity.auth.identity import Identity
from convexity.errors import (
    RETRYABLE,
    ArgumentValidationError,
    ConvexityError,
    FunctionTimeout,
    InvalidArgumentsError,
    NotPermittedError,
)
from convexity.functions.arguments import arguments_object
from convexity.functions.calls import Calls, Observation, Outcome
from convexity.functions.catalog import Catalog, CompiledFunction
from convexity.functions.executions import Execution
from convexity.functions.failure import FunctionError, ends_the_task, function_error
from convexity.functions.invocation import Call
from convexity.functions.invoke import check_arguments_size
from convexity.functions.meta import RequestMetadata
from convexity.functions.names import display_path, is_system_path
from convexity.functions.processes import NO_PROCESSES, ActionProcesses
from convexity.functions.recorded import read_recorded
from convexity.functions.registry import Function, FunctionKind
from convexity.functions.result import FunctionResult
from convexity.functions.settings import FunctionSettings
from convexity.functions.variables import Variables
from convexity.values import ValidationError
from convexity.values.encoding import EncodingError

if TYPE_CHECKING:
    from convexity.database.catalog import Catalog as DatabaseCatalog
    from convexity.database.engine import Engine, RequestKey
    from convexity.functions.contexts import ActionCtx
    from convexity.storage.files import FileStorage

_NOT_OF_THE_FUNCTION: Final = tuple(kind for kind, _ in RETRYABLE)
"""Errors that concern the backend's state: they are raised, and become HTTP errors."""


class Runner:
    """Runs the functions of a deployment on its database."""

    def __init__(
        self,
        engine: Engine,
        functions: Mapping[str, Function],
        database: DatabaseCatalog,
        files: FileStorage,
        settings: FunctionSettings | None = None,
        processes: ActionProcesses = NO_PROCESSES,
        *,
        variables: Variables | None = None,
        system: Mapping[str, Function] = MappingProxyType({}),
    ) -> None:
        """Take what a deployment consists of.

        Args:
            engine: a started engine.
            functions: the compiled functions by path.
            database: the catalog of the engine's deployment.
            files: the stored files.
            settings: limits; default, those of wire-protocol 10.
            processes: runs the actions of worker processes.
            variables: values of environment variables; default, the stored ones.
            system: the system functions by path; no function can call them.
        """
        self.functions: Final = Catalog(functions.values(), database.table_numbers)
        self._system: Final = Catalog(system.values(), database.table_numbers)
        self.calls: Final = Calls(
            engine,
            self.functions,
            database,
            files,
            settings or FunctionSettings(),
            processes,
            variables or Variables(engine, database),
        )

    async def run(
        self,
        path: str,
        args: object,
        *,
        identity: Identity,
        kind: FunctionKind | None = None,
        request: RequestMetadata | None = None,
        ts: int | None = None,
        journal: str | None = None,
        allow_internal: bool = False,
        once: RequestKey | None = None,
    ) -> FunctionResult:
        """Run a function for a client.

        Args:
            path: wire path, with or without ``.js``.
            args: arguments as JSON in the encoding of wire-protocol 1: an object, or an array
                that holds one.
            identity: who calls.
            kind: kind that the client expects; default, any.
            request: facts about the request, for ``ctx.meta``.
            ts: for a query, the time of the snapshot to read; default, the newest.
            journal: for a query, the journal of its previous run.
            allow_internal: whether internal functions may be called.
            once: for a mutation, the request by which the client may ask for it again.

        Returns:
            the result, or the failure of the function itself.

        Raises:
            ConflictExhaustedError: the mutation met conflicting writes at every attempt.
            OverloadedError: the backend cannot take the call now.
            SnapshotTooOldError: the snapshot of ``ts`` is no longer kept.
        """
        call = Call(identity, request or RequestMetadata(auth_token=identity.token))
        try:
            compiled = self._find(path, kind, identity, allow_internal=allow_internal)
            arguments = _decoded(compiled, args)
        except ConvexityError as error:
            return FunctionResult(error=function_error(error))
        return await self._run(compiled, arguments, call, ts=ts, journal=journal, once=once)

    def may_ask(self, path: str, identity: Identity) -> bool:
        """Whether a caller may have the result of the function at a canonical path, if any."""
        if is_system_path(path):
            return identity.is_plain_admin
        function = self.functions.functions.get(path)
        return function is not None and (function.visibility == "public" or identity.is_admin)

    def _find(
        self, path: str, kind: FunctionKind | None, identity: Identity, *, allow_internal: bool
    ) -> CompiledFunction:
        if not is_system_path(path):
            return self.functions.find(path, kind=kind, allow_internal=allow_internal)
        if not identity.is_plain_admin:
            raise NotPermittedError(f"Operation {kind or 'function'} not permitted")
        return self._system.find(path, kind=kind, allow_internal=True)

    async def run_http_action(
        self,
        function: Function,
        respond: Callable[[ActionCtx], Awaitable[None]],
        *,
        identity: Identity,
        request: RequestMetadata,
    ) -> FunctionResult:
        """Run an HTTP action.

        Args:
            function: the action, under the name by which logs know it.
            respond: calls the handler and sends the response.
            identity: who sent the request.
            request: facts about the request.

        Returns:
            log lines, and why the action failed if it did.
        """
        call = Call(identity, request)
        error: FunctionError | None = None
        started, start = time.time(), time.perf_counter()
        try:
            await self.calls.http_action(function, respond, call)
        except BaseException as raised:
            if ends_the_task(raised):
                raise
            error = function_error(raised)
        result = FunctionResult(error=error, log_lines=tuple(call.logs.lines))
        self._take_note(function, call, result, started, time.perf_counter() - start)
        return result

    async def _run(
        self,
        compiled: CompiledFunction,
        arguments: Mapping[str, Any],
        call: Call,
        *,
        ts: int | None,
        journal: str | None,
        once: RequestKey | None,
    ) -> FunctionResult:
        outcome = Outcome(value=None)
        seen = Observation()
        error: FunctionError | None = None
        started, start = time.time(), time.perf_counter()
        try:
            match compiled.function.kind:
                case "query":
                    outcome = await self.calls.query(
                        compiled, arguments, call, ts=ts, journal=journal, seen=seen
                    )
                case "mutation":
                    outcome = await self.calls.mutation(compiled, arguments, call, once=once)
                case "action":
                    outcome = await self.calls.action(compiled, arguments, call)
        except _NOT_OF_THE_FUNCTION:
            raise
        except BaseException as raised:
            if ends_the_task(raised):
                raise
            error = function_error(raised)
            # Another run may be faster.
            call.time_read |= isinstance(raised, FunctionTimeout)
        encoded, log_lines = None, tuple(call.logs.lines)
        if outcome.recorded is not None:
            encoded, log_lines = read_recorded(outcome.recorded.text)
        result = FunctionResult(
            value=outcome.value,
            error=error,
            log_lines=log_lines,
            ts=seen.ts if outcome.ts is None else outcome.ts,
            read_set=seen.read_set,
            journal=seen.journal,
            encoded=encoded,
            identity_read=call.identity_read,
            time_read=call.time_read,
            returns=compiled.returns if error is None else None,
        )
        self._take_note(compiled.function, call, result, started, time.perf_counter() - start)
        return result

    def _take_note(
        self, function: Function, call: Call, result: FunctionResult, started: float, seconds: float
    ) -> None:
        """Tell those who watch the backend of a function that ended."""
        self.calls.executions.add(
            Execution(
                path=function.path,
                kind=function.kind,
                started=started,
                seconds=seconds,
                log_lines=result.log_lines,
                error=None if result.error is None else result.error.text,
                request_id=call.request.request_id,
            )
        )


def _decoded(compiled: CompiledFunction, args: object) -> Mapping[str, Any]:
    """Arguments of a client, checked.

    Raises:
        InvalidArgumentsError: they are no Convex values.
        ArgumentValidationError: they do not match.
        ValueSizeError: they are too large.
    """
    path = compiled.function.path
    tree = arguments_object(args, display_path(path))
    try:
        arguments: Mapping[str, Any] = compiled.args.decode(tree)
    except EncodingError as error:
        raise InvalidArgumentsError(
            f"Invalid arguments for {display_path(path)}: {error}"
        ) from None
    except ValidationError as error:
        raise ArgumentValidationError(str(error)) from None
    check_arguments_size(path, arguments)
    return arguments
