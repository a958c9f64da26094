"""Running functions for clients: from a path and JSON arguments to a result."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from convexity.auth.identity import Identity
from convexity.errors import (
    RETRYABLE,
    ArgumentValidationError,
    ConvexityError,
    FunctionNotFoundError,
    FunctionTimeout,
    InvalidArgumentsError,
    NotPermittedError,
)
from convexity.functions.arguments import arguments_object
from convexity.functions.calls import Calls, Observation, Outcome
from convexity.functions.catalog import CompiledFunction
from convexity.functions.components import Components
from convexity.functions.executions import Execution
from convexity.functions.failure import FunctionError, ends_the_task, function_error
from convexity.functions.invocation import Call
from convexity.functions.invoke import check_arguments_size
from convexity.functions.meta import RequestMetadata
from convexity.functions.names import display_path, is_system_path, public_path
from convexity.functions.processes import NO_PROCESSES, ActionProcesses
from convexity.functions.recorded import read_recorded
from convexity.functions.registry import Function, FunctionKind
from convexity.functions.result import FunctionResult
from convexity.functions.settings import FunctionSettings
from convexity.functions.variables import Variables
from convexity.values import ValidationError
from convexity.values.encoding import EncodingError

if TYPE_CHECKING:
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
        components: Components,
        files: FileStorage,
        settings: FunctionSettings | None = None,
        processes: ActionProcesses = NO_PROCESSES,
        *,
        variables: Variables | None = None,
    ) -> None:
        """Take what a deployment consists of.

        Args:
            engine: a started engine.
            components: the application and what it mounts.
            files: the stored files.
            settings: limits; default, those of wire-protocol 10.
            processes: runs the actions of worker processes.
            variables: values of environment variables; default, the stored ones.
        """
        self.components: Final = components
        self.calls: Final = Calls(
            engine,
            components,
            files,
            settings or FunctionSettings(),
            processes,
            variables or Variables(engine, components.application.database),
        )

    async def run(
        self,
        path: str,
        args: object,
        *,
        identity: Identity,
        component: str = "",
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
            component: path of the component; those of components are for admins only.
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
            compiled = self._find(
                path, args, component, kind, identity, allow_internal=allow_internal
            )
            arguments = _decoded(compiled, args)
        except ConvexityError as error:
            return FunctionResult(error=function_error(error))
        return await self._run(compiled, arguments, call, ts=ts, journal=journal, once=once)

    def may_ask(self, component: str, path: str, identity: Identity) -> bool:
        """Whether a caller may have the result of the function at a canonical path, if any."""
        if is_system_path(path):
            return identity.is_plain_admin
        found = self.components.by_path.get(component)
        function = None if found is None else found.functions.functions.get(path)
        if function is None or found is None:
            return False
        is_public = function.visibility == "public" and found.is_application
        return is_public or identity.is_admin

    def _find(
        self,
        path: str,
        args: object,
        component: str,
        kind: FunctionKind | None,
        identity: Identity,
        *,
        allow_internal: bool,
    ) -> CompiledFunction:
        if is_system_path(path):
            if not identity.is_plain_admin:
                raise NotPermittedError(f"Operation {kind or 'function'} not permitted")
            system = self.components.find(component or _component_id(args)).system
            return system.find(path, kind=kind, allow_internal=True)
        if component and not allow_internal:
            raise FunctionNotFoundError(
                f"Could not find public function for '{public_path(path)}': functions of "
                "components can only be called by the functions of the application."
            )
        functions = self.components.find(component).functions
        return functions.find(path, kind=kind, allow_internal=allow_internal)

    async def run_http_action(
        self,
        function: Function,
        respond: Callable[[ActionCtx], Awaitable[None]],
        *,
        component: str,
        identity: Identity,
        request: RequestMetadata,
    ) -> FunctionResult:
        """Run an HTTP action; one of a component does not learn who sent the request.

        Args:
            function: the action, under the name by which logs know it.
            respond: calls the handler and sends the response.
            component: path of the component that it belongs to; empty for the application.
            identity: who sent the request.
            request: facts about the request.

        Returns:
            log lines, and why the action failed if it did.
        """
        owner = self.components.find(component)
        call = Call(identity, request)
        call = call if owner.is_application else call.across()
        error: FunctionError | None = None
        started, start = time.time(), time.perf_counter()
        try:
            await self.calls.http_action(function, owner, respond, call)
        except BaseException as raised:
            if ends_the_task(raised):
                raise
            error = function_error(raised)
        result = FunctionResult(error=error, log_lines=tuple(call.logs.lines))
        seconds = time.perf_counter() - start
        self._take_note(function.path, function.kind, call, result, started, seconds)
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
        seconds = time.perf_counter() - start
        self._take_note(
            compiled.qualified_path, compiled.function.kind, call, result, started, seconds
        )
        return result

    def _take_note(
        self,
        path: str,
        kind: FunctionKind,
        call: Call,
        result: FunctionResult,
        started: float,
        seconds: float,
    ) -> None:
        """Tell those who watch the backend of a function that ended."""
        self.calls.executions.add(
            Execution(
                path=path,
                kind=kind,
                started=started,
                seconds=seconds,
                log_lines=result.log_lines,
                error=None if result.error is None else result.error.text,
                request_id=call.request.request_id,
            )
        )


def _component_id(args: object) -> str:
    """The component that the arguments of a system function name: that of its path."""
    first = args[0] if isinstance(args, list) and args else args
    named = first.get("componentId") if isinstance(first, dict) else None
    return named if isinstance(named, str) else ""


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
