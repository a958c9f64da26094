"""Running functions by kind: queries on snapshots, mutations in transactions, actions outside."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from convexity.database.engine import RecordedAnswer
from convexity.database.transaction import Transaction
from convexity.database.vector_search import vector_search
from convexity.errors import (
    ArgumentValidationError,
    ConflictExhaustedError,
    FunctionTimeout,
    FunctionTimeoutError,
    NestingDepthError,
    TransactionLimitError,
    TransactionLimitReached,
    WriteConflict,
)
from convexity.functions.arguments import forwarded_arguments
from convexity.functions.boundary import boundary
from convexity.functions.contexts import ActionCtx, MutationCtx, QueryCtx
from convexity.functions.deadline import Deadlines
from convexity.functions.executions import ExecutionLog
from convexity.functions.fencing import check_claim
from convexity.functions.invocation import Call, Invocation
from convexity.functions.invoke import check_arguments_size, invoke, run_to_end
from convexity.functions.limit_warnings import limit_warnings
from convexity.functions.logs import current_logs
from convexity.functions.names import display_path
from convexity.functions.recorded import recorded_text
from convexity.functions.tasks import current_tasks
from convexity.values import ValidationError
from convexity.values.limits import MAX_CALL_DEPTH, MAX_CONFLICT_BACKOFF

if TYPE_CHECKING:
    from datetime import datetime
    from types import TracebackType

    from convexity.database.catalog import Catalog as DatabaseCatalog
    from convexity.database.engine import Committed, Engine, RequestKey, WriteTransaction
    from convexity.database.limits import TransactionLimits
    from convexity.database.ranges import ReadSet
    from convexity.functions.catalog import CompiledFunction
    from convexity.functions.components import Component, Components
    from convexity.functions.processes import ActionProcesses
    from convexity.functions.registry import Function, FunctionKind
    from convexity.functions.settings import Clock, FunctionSettings
    from convexity.functions.variables import Variables
    from convexity.storage.files import FileStorage

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a function returned, and what its transaction was."""

    value: Any
    ts: int | None = None
    """Time of the snapshot of a query, of the commit of a mutation."""
    recorded: RecordedAnswer | None = None
    """The answer to a mutation that was run before, in place of the value."""


@dataclass(slots=True)
class Observation:
    """What a query saw, whether it returns or fails."""

    ts: int | None = None
    """Time of the snapshot."""
    read_set: ReadSet | None = None
    journal: str | None = None


class Calls:
    """Runs functions, the outermost and the nested ones."""

    def __init__(
        self,
        engine: Engine,
        components: Components,
        files: FileStorage,
        settings: FunctionSettings,
        processes: ActionProcesses,
        variables: Variables,
    ) -> None:
        self.engine: Final = engine
        self.components: Final = components
        self.variables: Final = variables
        self.files: Final = files
        self.executions: Final = ExecutionLog()
        self._settings = settings
        self._processes = processes
        self._query_slots = asyncio.Semaphore(settings.concurrent_queries)
        self._mutation_slots = asyncio.Semaphore(settings.concurrent_mutations)
        self._action_slots = asyncio.Semaphore(settings.concurrent_actions)
        self._transaction_deadlines = Deadlines(settings.transaction_time)
        self._action_deadlines = Deadlines(settings.action_time)
        self._process_action_deadlines = Deadlines(settings.process_action_time)

    def database(self, component: Component, call: Call | None = None) -> ComponentDatabase:
        """The tables of a component, and transactions over them, of a call if one is given."""
        return ComponentDatabase(self, component, call)

    def databases(self) -> list[ComponentDatabase]:
        """Those of all components."""
        return [self.database(component) for component in self.components]

    @property
    def clock(self) -> Clock:
        """Gives the current time."""
        return self._settings.clock

    async def query(
        self,
        compiled: CompiledFunction,
        arguments: Mapping[str, Any],
        call: Call,
        *,
        depth: int = 0,
        ts: int | None = None,
        journal: str | None = None,
        seen: Observation | None = None,
    ) -> Outcome:
        """Run a query on the newest snapshot, or on the one at ``ts``; fill ``seen``."""
        engine = self.engine
        async with (
            self._query_slots,
            engine.snapshot() if ts is None else engine.snapshot_at(ts) as snapshot,
        ):
            await self.variables.follow(snapshot)
            transaction = Transaction(snapshot, compiled.component.database, journal=journal)
            try:
                value = await self.in_transaction(transaction, compiled, arguments, call, depth)
            finally:
                transaction.end()
                if seen is not None:
                    seen.ts = snapshot.timestamp
                    seen.read_set = transaction.read_set
                    seen.journal = transaction.journal_out
            return Outcome(value=value, ts=snapshot.timestamp)

    async def mutation(
        self,
        compiled: CompiledFunction,
        arguments: Mapping[str, Any],
        call: Call,
        *,
        depth: int = 0,
        once: RequestKey | None = None,
    ) -> Outcome:
        """Run a mutation and commit it; see :meth:`write` for conflicts.

        Args:
            compiled: The mutation.
            arguments: Its arguments, checked.
            call: What it is part of.
            depth: Functions around it.
            once: The request of a client that may come again; its answer is kept with what the
                mutation writes, and a repetition gets it without running anything.
        """
        attempt: Call | None = None

        async def work(store: WriteTransaction) -> Any:
            nonlocal attempt
            attempt = call.attempt()
            await check_claim(store, call)
            recorded = None if once is None else await store.answer_get(once)
            if recorded is not None:
                return recorded
            await self.variables.follow(store)
            async with self._mutation_slots:
                transaction = Transaction(store, compiled.component.database)
                try:
                    value = await self.in_transaction(
                        transaction, compiled, arguments, attempt, depth
                    )
                finally:
                    transaction.end()
            if once is not None:
                text = recorded_text(compiled.returns, value, attempt.logs.lines)
                await store.answer_set(once, text)
            return value

        try:
            committed = await self.write(work)
        finally:
            if attempt is not None:
                call.absorb(attempt)
        if isinstance(committed.value, RecordedAnswer):
            return Outcome(value=None, ts=committed.value.ts, recorded=committed.value)
        return Outcome(value=committed.value, ts=committed.ts)

    async def write(self, work: Callable[[WriteTransaction], Awaitable[T]]) -> Committed[T]:
        """Run ``work`` in a transaction of the engine, again after conflicts with growing pauses.

        Raises:
            ConflictExhaustedError: it met a conflict at every attempt (wire-protocol 10).
        """
        pause = self._settings.conflict_backoff
        retries = self._settings.conflict_retries
        for attempt in range(retries + 1):
            try:
                with _OutsideOfFunctions():
                    return await self.engine.write(work)
            except WriteConflict:
                if attempt == retries:
                    break
                await asyncio.sleep(pause * random.uniform(0.5, 1))
                pause = min(2 * pause, MAX_CONFLICT_BACKOFF)
        raise ConflictExhaustedError(
            f"a transaction met conflicting writes at each of {retries + 1} attempts; let fewer "
            "calls write the same documents"
        )

    async def action(
        self,
        compiled: CompiledFunction,
        arguments: Mapping[str, Any],
        call: Call,
        *,
        depth: int = 0,
    ) -> Outcome:
        """Run an action. Those that run inside another one share its slot."""
        is_outside = compiled.function.runtime == "process"
        run = self._processes.run if is_outside else invoke
        deadlines = self._process_action_deadlines if is_outside else self._action_deadlines
        await self.variables.follow_newest()
        invocation = Invocation(
            compiled.function,
            call,
            component=compiled.component,
            started=self.clock(),
            variables=self.variables,
            depth=depth,
        )
        ctx = ActionCtx(invocation, self)
        slots = self._action_slots if depth == 0 else nullcontext()
        async with slots:
            with deadlines.of(compiled.function.path):
                return Outcome(value=await run(compiled, invocation, ctx, arguments))

    async def http_action(
        self,
        function: Function,
        component: Component,
        respond: Callable[[ActionCtx], Awaitable[None]],
        call: Call,
    ) -> None:
        """Run an HTTP action and send what it responds; a body that is streamed may use ``ctx``."""
        await self.variables.follow_newest()
        invocation = Invocation(
            function,
            call,
            component=component,
            started=self.clock(),
            variables=self.variables,
        )
        ctx = ActionCtx(invocation, self)
        async with self._action_slots:
            with self._action_deadlines.of(function.path):
                await run_to_end(invocation, lambda: respond(ctx))

    async def in_transaction(
        self,
        transaction: Transaction,
        compiled: CompiledFunction,
        arguments: Mapping[str, Any],
        call: Call,
        depth: int = 0,
    ) -> Any:
        """Run a query or mutation within a transaction that the caller opened."""
        with self._transaction_deadlines.of(compiled.function.path):
            value = await self._invoke(transaction, compiled, arguments, call, depth, self.clock())
        for warning in limit_warnings(transaction):
            call.logs.add_text("WARN", warning)
        return value

    async def nested(
        self,
        caller: Invocation,
        kind: FunctionKind,
        ref: object,
        positional: tuple[Any, ...],
        keywords: dict[str, Any],
        transaction_limits: TransactionLimits | None,
    ) -> Any:
        """Run a function that another one calls by reference, or by handle."""
        compiled = caller.component.resolve(ref, kind=kind)
        path = compiled.function.path
        arguments = self.checked_arguments(
            compiled, forwarded_arguments(positional, keywords, compiled.null_is_absent, path)
        )
        depth = caller.depth + 1
        if depth > MAX_CALL_DEPTH:
            raise NestingDepthError(
                f"{display_path(path)} would be nested {depth} calls deep: at most "
                f"{MAX_CALL_DEPTH} functions may call each other; share code as helpers instead"
            )
        if compiled.component is caller.component:
            return await self._nested(
                caller, compiled, arguments, caller.call, depth, transaction_limits
            )
        call = caller.call.across()
        try:
            with boundary(compiled):
                return await self._nested(
                    caller, compiled, arguments, call, depth, transaction_limits
                )
        finally:
            caller.call.time_read |= call.time_read

    async def _nested(
        self,
        caller: Invocation,
        compiled: CompiledFunction,
        arguments: Mapping[str, Any],
        call: Call,
        depth: int,
        transaction_limits: TransactionLimits | None,
    ) -> Any:
        if caller.transaction is not None:
            async with caller.transaction.subtransaction(
                writable=compiled.function.kind == "mutation",
                limits=transaction_limits,
                catalog=compiled.component.database,
            ) as transaction:
                return await self._invoke(
                    transaction, compiled, arguments, call, depth, caller.started
                )
        async with caller.call_slots:
            with _OutsideOfFunctions():
                return await self._from_action(compiled, arguments, call, depth)

    async def vector_search(
        self,
        caller: Invocation,
        table: str,
        index: str,
        *,
        vector: list[float],
        limit: int,
        any_of: list[tuple[str, Any]],
    ) -> list[dict[str, Any]]:
        """Search the newest snapshot for an action."""
        async with caller.call_slots:
            with _OutsideOfFunctions():
                async with self._query_slots, self.engine.snapshot() as snapshot:
                    transaction = Transaction(snapshot, caller.component.database)
                    try:
                        return await vector_search(
                            transaction, table, index, vector=vector, limit=limit, any_of=any_of
                        )
                    finally:
                        transaction.end()

    def checked_arguments(
        self, compiled: CompiledFunction, arguments: Mapping[str, Any]
    ) -> dict[str, Any]:
        """A copy of native arguments in the form that the handler sees.

        Raises:
            ArgumentValidationError: they do not match.
            ValueSizeError: they are too large.
        """
        try:
            checked: dict[str, Any] = compiled.args.validate(dict(arguments))
        except ValidationError as error:
            raise ArgumentValidationError(str(error)) from None
        check_arguments_size(compiled.function.path, checked)
        return checked

    async def _from_action(
        self,
        compiled: CompiledFunction,
        arguments: Mapping[str, Any],
        call: Call,
        depth: int,
    ) -> Any:
        """Run a function for an action, which what ends a transaction does not concern."""
        try:
            match compiled.function.kind:
                case "query":
                    outcome = await self.query(compiled, arguments, call, depth=depth)
                case "mutation":
                    outcome = await self.mutation(compiled, arguments, call, depth=depth)
                case "action":
                    outcome = await self.action(compiled, arguments, call, depth=depth)
        except FunctionTimeout as error:
            raise FunctionTimeoutError(str(error)) from error
        except TransactionLimitReached as error:
            raise TransactionLimitError(str(error), limit=error.limit) from error
        return outcome.value

    async def _invoke(
        self,
        transaction: Transaction,
        compiled: CompiledFunction,
        arguments: Mapping[str, Any],
        call: Call,
        depth: int,
        started: datetime,
    ) -> Any:
        invocation = Invocation(
            compiled.function,
            call,
            component=compiled.component,
            started=started,
            variables=self.variables,
            depth=depth,
            transaction=transaction,
        )
        context = MutationCtx if compiled.function.kind == "mutation" else QueryCtx
        return await invoke(compiled, invocation, context(invocation, self), arguments)


class ComponentDatabase:
    """The tables of one component; see :class:`~convexity.storage.database.Database`."""

    __slots__ = ("_call", "_calls", "_component")

    def __init__(self, calls: Calls, component: Component, call: Call | None) -> None:
        self._calls = calls
        self._component = component
        self._call = call

    @property
    def engine(self) -> Engine:
        """Gives snapshots and tells of commits."""
        return self._calls.engine

    @property
    def database(self) -> DatabaseCatalog:
        """The tables."""
        return self._component.database

    async def write(self, work: Callable[[WriteTransaction], Awaitable[T]]) -> Committed[T]:
        """Run ``work`` in a transaction, again after a conflict."""
        call = self._call

        async def unless_lost(store: WriteTransaction) -> T:
            if call is not None:
                await check_claim(store, call)
            return await work(store)

        return await self._calls.write(unless_lost)


class _OutsideOfFunctions:
    """Tasks that the engine starts inside, and what they log, do not belong to the function."""

    __slots__ = ("_logs", "_tasks")

    def __enter__(self) -> None:
        self._tasks = current_tasks.set(None)
        self._logs = current_logs.set(None)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        current_logs.reset(self._logs)
        current_tasks.reset(self._tasks)
