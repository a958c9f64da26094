"""Running one scheduled function and recording what became of it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from convexity.auth.identity import ADMIN
from convexity.database.transaction import Transaction
from convexity.errors import ConvexityError, WriteConflict
from convexity.functions import executions
from convexity.functions.disclosure import report
from convexity.functions.failure import FunctionError, ends_the_task, function_error
from convexity.functions.invocation import Call, ScheduledBy
from convexity.functions.meta import RequestMetadata
from convexity.functions.names import canonical_path, display_name
from convexity.scheduler.cron_jobs import DeployedJob, note_run
from convexity.scheduler.rows import INTERRUPTED, begin, finish, state_of

if TYPE_CHECKING:
    from convexity.database.engine import WriteTransaction
    from convexity.functions.calls import Calls
    from convexity.functions.catalog import CompiledFunction
    from convexity.functions.components import Component
    from convexity.functions.registry import FunctionKind

T = TypeVar("T")


class _Ended(NamedTuple):
    """A function ran."""

    failure: FunctionError | None


class Execution:
    """Runs scheduled functions, each by the rules of its kind."""

    def __init__(
        self,
        calls: Calls,
        jobs: Mapping[Component, Sequence[DeployedJob]] = MappingProxyType({}),
        *,
        is_claimed: bool = False,
    ) -> None:
        """Take what runs functions.

        Args:
            calls: Runs functions.
            jobs: The cron jobs of each component that has some.
            is_claimed: Whether other processes may take this one for dead while functions run.
        """
        self._calls = calls
        self._is_claimed = is_claimed
        self._of_jobs = {
            component: {display_name(job.function) for job in own}
            for component, own in jobs.items()
        }

    async def run(self, owner: Component, row: Mapping[str, Any]) -> None:
        """Run the function of a pending row of a component, unless it is no longer pending."""
        call = Call(
            ADMIN,
            RequestMetadata(scheduled_function_id=row["_id"]),
            ScheduledBy(owner, row["_id"], self._is_claimed),
        )
        started, start = time.time(), time.perf_counter()
        kind: FunctionKind = "action"
        try:
            compiled = owner.named(row["name"])
            arguments = self._calls.checked_arguments(compiled, row["args"][0])
        except ConvexityError as error:
            ended = await self._refuse(owner, row, function_error(error))
        else:
            kind = compiled.function.kind
            run = self._mutation if compiled.function.kind == "mutation" else self._action
            ended = await run(owner, row, compiled, arguments, call)
        if ended is None:
            return
        failure = ended.failure
        path = canonical_path(row["name"])
        if not owner.is_application and ";" not in path:
            path = f"{owner.path};{path}"
        # Rows of a component name a function of the application by the application's empty path.
        path = path.removeprefix(";")
        self._calls.executions.add(
            executions.Execution(
                path=path,
                kind=kind,
                started=started,
                seconds=time.perf_counter() - start,
                log_lines=tuple(call.logs.lines),
                error=None if failure is None else failure.text,
                request_id="",
                delay=max(0.0, started - row["scheduledTime"] / 1000),
            )
        )
        report(path, call.logs.lines, failure)

    async def _mutation(
        self,
        owner: Component,
        row: Mapping[str, Any],
        compiled: CompiledFunction,
        arguments: Mapping[str, Any],
        call: Call,
    ) -> _Ended | None:
        """Run a mutation; its writes and the row's new state become durable together.

        The function has a transaction of its own, so that its limits and a failure leave room for
        recording the state.
        """

        attempt = call.attempt()
        start = time.perf_counter()

        async def work(store: WriteTransaction) -> _Ended | None:
            nonlocal attempt
            attempt = call.attempt()
            own = Transaction(store, owner.database)
            if await state_of(own, row) != "pending":
                return None
            await self._calls.variables.follow(store)
            savepoint = await store.savepoint()
            transaction = Transaction(store, compiled.component.database)
            failure = None
            value: Any = None
            try:
                value = await self._calls.in_transaction(transaction, compiled, arguments, attempt)
            except BaseException as error:
                if isinstance(error, WriteConflict) or ends_the_task(error):
                    raise
                failure = function_error(error)
                await store.rollback(savepoint)
            else:
                await store.release(savepoint)
            finally:
                transaction.end()
            await self._finish(own, owner, row, compiled, value, failure, attempt, start)
            return _Ended(failure)

        try:
            return (await self._calls.write(work)).value
        finally:
            call.absorb(attempt)

    async def _action(
        self,
        owner: Component,
        row: Mapping[str, Any],
        compiled: CompiledFunction,
        arguments: Mapping[str, Any],
        call: Call,
    ) -> _Ended | None:
        """Run an action once: it is marked as running before, and never started again."""
        if not await self._in_transaction(owner, lambda transaction: begin(transaction, row)):
            return None
        failure = None
        value: Any = None
        start = time.perf_counter()
        try:
            value = (await self._calls.action(compiled, arguments, call)).value
        except BaseException as error:
            if ends_the_task(error):
                raise
            failure = function_error(error)

        async def record(transaction: Transaction) -> str | None:
            state = await state_of(transaction, row)
            if state == "inProgress":
                await self._finish(transaction, owner, row, compiled, value, failure, call, start)
            return state

        was_failed = await self._in_transaction(owner, record) == "failed"
        return _Ended(INTERRUPTED if was_failed else failure)

    async def _finish(
        self,
        transaction: Transaction,
        owner: Component,
        row: Mapping[str, Any],
        compiled: CompiledFunction,
        value: Any,
        failure: FunctionError | None,
        call: Call,
        start: float,
    ) -> None:
        """Record what became of a function, and of the cron job that it may be a run of."""
        await finish(transaction, row, self._calls.clock(), failure)
        if row["name"] in self._of_jobs.get(owner, ()):
            await note_run(
                transaction,
                row,
                seconds=time.perf_counter() - start,
                log_lines=call.logs.lines,
                result="" if failure is not None else compiled.returns.encode(value).decode(),
                error=None if failure is None else failure.message,
            )

    async def _refuse(
        self, owner: Component, row: Mapping[str, Any], failure: FunctionError
    ) -> _Ended | None:
        """Record that the function cannot run: the deployment changed since it was scheduled."""

        async def record(transaction: Transaction) -> _Ended | None:
            if await state_of(transaction, row) != "pending":
                return None
            await finish(transaction, row, self._calls.clock(), failure)
            return _Ended(failure)

        return await self._in_transaction(owner, record)

    async def _in_transaction(
        self, owner: Component, work: Callable[[Transaction], Awaitable[T]]
    ) -> T:
        async def committed(store: WriteTransaction) -> T:
            return await work(Transaction(store, owner.database))

        return (await self._calls.write(committed)).value
