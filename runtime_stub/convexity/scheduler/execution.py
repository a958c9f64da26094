"""Running one scheduled function and recording what became of it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from convexity.auth.identity import ADMIN
from convexity.database.transaction import Transaction
from convexity.errors import (
    ConvexityError,
    FunctionTimeout,
    TransactionLimitReached,
)
from convexity.functions.failure import function_error
from convexity.functions.invocation import Call
from convexity.functions.meta import RequestMetadata
from convexity.scheduler.rows import begin, finish, state_of

if TYPE_CHECKING:
    from convexity.database.engine import WriteTransaction
    from convexity.functions.calls import Calls
    from convexity.functions.catalog import CompiledFunction

T = TypeVar("T")

_logger: Final = logging.getLogger("convexity.scheduler")


class Execution:
    """Runs scheduled functions, each by the rules of its kind."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def run(self, row: Mapping[str, Any]) -> None:
        """Run the function of a pending row, unless it is no longer pending."""
        call = Call(ADMIN, RequestMetadata(scheduled_function_id=row["_id"]))
        try:
            compiled = self._calls.functions.find(row["name"], kind=None, allow_internal=True)
            arguments = self._calls.checked_arguments(compiled, row["args"][0])
        except ConvexityError as error:
            await self._refuse(row, error)
            return
        if compiled.function.kind == "mutation":
            await self._mutation(row, compiled, arguments, call)
        else:
            await self._action(row, compiled, arguments, call)
        for line in call.logs.lines:
            _logger.info("%s %s", row["name"], line)

    async def _mutation(
        self,
        row: Mapping[str, Any],
        compiled: CompiledFunction,
        arguments: Mapping[str, Any],
        call: Call,
    ) -> None:
        """Run a mutation; its writes and the row's new state become durable together.

        The function has a transaction of its own, so that its limits and a failure leave room for
        recording the state.
        """

        async def work(store: WriteTransaction) -> None:
            call.logs.forget_after(0)
            own = Transaction(store, self._calls.database)
            if await state_of(own, row) != "pending":
                return
            savepoint = await store.savepoint()
            transaction = Transaction(store, self._calls.database)
            error = None
            try:
                await self._calls.in_transaction(transaction, compiled, arguments, call)
            except (Exception, FunctionTimeout, TransactionLimitReached) as raised:
                error = _described(row, raised)
                await store.rollback(savepoint)
            else:
                await store.release(savepoint)
            finally:
                transaction.end()
            await finish(own, row, self._calls.clock(), error=error)

        await self._calls.write(work)

    async def _action(
        self,
        row: Mapping[str, Any],
        compiled: CompiledFunction,
        arguments: Mapping[str, Any],
        call: Call,
    ) -> None:
        """Run an action once: it is marked as running before, and never started again."""
        if not await self._in_transaction(lambda transaction: begin(transaction, row)):
            return
        error = None
        try:
            await self._calls.action(compiled, arguments, call)
        except (Exception, FunctionTimeout) as raised:
            error = _described(row, raised)

        async def record(transaction: Transaction) -> None:
            if await state_of(transaction, row) == "inProgress":
                await finish(transaction, row, self._calls.clock(), error=error)

        await self._in_transaction(record)

    async def _refuse(self, row: Mapping[str, Any], error: ConvexityError) -> None:
        """Record that the function cannot run: the deployment changed since it was scheduled."""
        described = _described(row, error)

        async def record(transaction: Transaction) -> None:
            if await state_of(transaction, row) == "pending":
                await finish(transaction, row, self._calls.clock(), error=described)

        await self._in_transaction(record)

    async def _in_transaction(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        async def committed(store: WriteTransaction) -> T:
            return await work(Transaction(store, self._calls.database))

        return (await self._calls.write(committed)).value


def _described(row: Mapping[str, Any], error: BaseException) -> str:
    failure = function_error(error)
    _logger.error("Scheduled function %s failed: %s", row["name"], failure.text.rstrip())
    return failure.message
