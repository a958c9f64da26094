"""``ctx.scheduler``: asking for functions to run later. Running them is ``convexity.scheduler``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, ParamSpec, TypeAlias, TypeVar, cast

from convexity.database.transaction import Transaction
from convexity.errors import (
    DocumentNotFoundError,
    FunctionKindError,
    InvalidIdError,
    SchedulingError,
    SchemaValidationError,
)
from convexity.functions.arguments import forwarded_arguments
from convexity.functions.fencing import check_claim
from convexity.functions.names import display_name, display_path
from convexity.values import Id, to_millis
from convexity.values.compiled import loads
from convexity.values.limits import MAX_SCHEDULING_HORIZON_DAYS
from convexity.values.sizes import value_size

if TYPE_CHECKING:
    from convexity.database.catalog import Catalog
    from convexity.database.engine import WriteTransaction
    from convexity.database.system_tables import ScheduledFunctions
    from convexity.functions.calls import Calls
    from convexity.functions.handles import FunctionHandle
    from convexity.functions.invocation import Invocation
    from convexity.functions.references import ActionReference, MutationReference

P = ParamSpec("P")
T = TypeVar("T")

Delay: TypeAlias = timedelta | Literal[0]

TABLE: Final = "_scheduled_functions"
_HORIZON: Final = timedelta(days=MAX_SCHEDULING_HORIZON_DAYS)
_CANCELLABLE: Final = ("pending", "inProgress")


class Scheduler:
    """Schedules functions: within the transaction of a mutation, at once from an action."""

    __slots__ = ("_calls", "_invocation")

    def __init__(self, invocation: Invocation, calls: Calls) -> None:
        self._invocation = invocation
        self._calls = calls

    async def run_after(
        self,
        delay: Delay,
        ref: MutationReference[P, Any] | ActionReference[P, Any] | FunctionHandle[P, Any],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Id[ScheduledFunctions]:
        """Run a function after a delay.

        Args:
            delay: a ``timedelta`` of at most five years, or ``0`` for at once.
            ref: a mutation or an action, or its handle.
            args: must be empty; arguments are keywords.
            kwargs: its arguments, which are checked now.

        Raises:
            SchedulingError: the delay is no ``timedelta``, negative or too long.
            ArgumentValidationError: the arguments do not match.
        """
        self._invocation.check_usable()
        if not isinstance(delay, timedelta):
            if type(delay) is not int or delay != 0:
                raise SchedulingError(
                    f"the delay {delay!r} of run_after() must be a timedelta, such as "
                    "timedelta(seconds=5), or 0"
                )
            delay = timedelta()
        if not timedelta() <= delay <= _HORIZON:
            raise SchedulingError(
                f"the delay {delay} of run_after() must be from zero to "
                f"{MAX_SCHEDULING_HORIZON_DAYS} days"
            )
        return await self._schedule(self._calls.clock() + delay, ref, args, kwargs)

    async def run_at(
        self,
        when: datetime,
        ref: MutationReference[P, Any] | ActionReference[P, Any] | FunctionHandle[P, Any],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Id[ScheduledFunctions]:
        """Run a function at a time; if that is past, at once.

        Args:
            when: an aware ``datetime``, at most five years from now.
            ref: a mutation or an action, or its handle.
            args: must be empty; arguments are keywords.
            kwargs: its arguments, which are checked now.

        Raises:
            SchedulingError: the time is not aware or too far away.
            ArgumentValidationError: the arguments do not match.
        """
        self._invocation.check_usable()
        if not isinstance(when, datetime) or when.tzinfo is None:
            raise SchedulingError(
                f"the time {when!r} of run_at() must be an aware datetime, such as "
                "ctx.now() + timedelta(hours=1)"
            )
        if abs(when - self._calls.clock()) > _HORIZON:
            raise SchedulingError(
                f"the time {when} of run_at() must be within {MAX_SCHEDULING_HORIZON_DAYS} days "
                "from now"
            )
        return await self._schedule(when, ref, args, kwargs)

    async def cancel(self, id: Id[ScheduledFunctions], /) -> None:  # noqa: A002 - public name
        """Cancel a scheduled function; one that is finished stays as it is.

        An action that has begun runs to its end, but what it schedules is cancelled too.

        Raises:
            InvalidIdError: the text is no id of a scheduled function.
            DocumentNotFoundError: there is no such function, or it was finished long ago.
        """
        self._invocation.check_usable()
        self._check_id(id)
        await self._within_transaction(
            lambda transaction: cancel_scheduled(transaction, id, self._calls.clock())
        )

    async def _schedule(
        self,
        when: datetime,
        ref: object,
        positional: tuple[Any, ...],
        keywords: dict[str, Any],
    ) -> Id[ScheduledFunctions]:
        owner = self._invocation.component
        compiled = owner.resolve(ref)
        path = compiled.function.path
        if compiled.function.kind == "query":
            raise FunctionKindError(
                f"{display_path(path)} is a query: only mutations and actions can be scheduled"
            )
        given = forwarded_arguments(positional, keywords, compiled.null_is_absent, path)
        checked = self._calls.checked_arguments(compiled, given)
        arguments = loads(compiled.args.encode(checked))
        scheduled_time = to_millis(when)

        async def insert(transaction: Transaction) -> str:
            transaction.count_scheduled(value_size(arguments))
            row: dict[str, Any] = {
                "name": display_name(owner.name_of(compiled)),
                "args": [arguments],
                "scheduledTime": scheduled_time,
                "state": {"kind": "pending"},
            }
            if await self._is_canceled(transaction):
                row["state"] = {"kind": "canceled"}
                row["completedTime"] = to_millis(self._calls.clock())
            try:
                return await transaction.insert(TABLE, row)
            except SchemaValidationError as error:
                raise SchedulingError(
                    f"the arguments of {display_path(path)} cannot be kept until it runs: store "
                    f"the data in a table and pass ids ({error})"
                ) from None

        return cast("Id[ScheduledFunctions]", await self._within_transaction(insert))

    async def _is_canceled(self, transaction: Transaction) -> bool:
        """Whether the running function was itself scheduled, and cancelled since it began."""
        own = self._invocation.call.scheduled
        if own is None:
            return False
        async with transaction.subtransaction(
            writable=False, catalog=own.component.database
        ) as reader:
            row = await reader.get(own.id)
        return row is not None and row["state"]["kind"] == "canceled"

    def _check_id(self, document_id: str) -> None:
        check_scheduled_id(self._invocation.component.database, document_id, "scheduler.cancel")

    async def _within_transaction(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run ``work`` in the mutation's transaction; for an action, in one of its own."""
        if self._invocation.transaction is not None:
            return await work(self._invocation.live_transaction)

        async def committed(store: WriteTransaction) -> T:
            await check_claim(store, self._invocation.call)
            transaction = Transaction(store, self._invocation.component.database)
            try:
                return await work(transaction)
            finally:
                transaction.end()

        return (await self._calls.write(committed)).value


async def cancel_scheduled(transaction: Transaction, document_id: str, now: datetime) -> None:
    """Cancel a scheduled function in a transaction; one that is finished stays as it is.

    Raises:
        DocumentNotFoundError: there is none.
    """
    row = await transaction.get(document_id)
    if row is None:
        raise DocumentNotFoundError(f"there is no scheduled function {document_id}")
    if row["state"]["kind"] in _CANCELLABLE:
        canceled = {"state": {"kind": "canceled"}, "completedTime": to_millis(now)}
        await transaction.patch(document_id, canceled)


def check_scheduled_id(catalog: Catalog, document_id: str, operation: str) -> None:
    """Refuse what is no id of a scheduled function; the message names ``operation``.

    Raises:
        InvalidIdError: it is none.
    """
    table = catalog.table_of(document_id, operation)
    if table is None or table.name != TABLE:
        raise InvalidIdError(
            f"Invalid argument `id` for `{operation}`: {document_id} is no id of a "
            "scheduled function"
        )
