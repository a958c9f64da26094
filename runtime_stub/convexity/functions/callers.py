"""Calling other functions by reference: what every ``ctx`` and ``with_options`` offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from convexity.database.limits import TransactionLimits

if TYPE_CHECKING:
    from convexity.functions.calls import Calls
    from convexity.functions.handles import FunctionHandle
    from convexity.functions.invocation import Invocation
    from convexity.functions.references import (
        ActionReference,
        MutationReference,
        QueryReference,
    )
    from convexity.functions.registry import FunctionKind

P = ParamSpec("P")
R = TypeVar("R")


class QueryCaller:
    """Calls queries."""

    __slots__ = ("_calls", "_invocation", "_limits")

    def __init__(
        self, invocation: Invocation, calls: Calls, limits: TransactionLimits | None = None
    ) -> None:
        self._invocation = invocation
        self._calls = calls
        self._limits = limits

    async def run_query(
        self,
        ref: QueryReference[P, R] | FunctionHandle[P, R],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Run a query; in a query or mutation, within the same transaction.

        Args:
            ref: the query, from ``api``, ``internal`` or ``components``, or its handle.
            args: must be empty; arguments are keywords.
            kwargs: its arguments, which are copied.

        Raises:
            ArgumentValidationError: the arguments do not match.
            Exception: whatever the query raised.
        """
        return cast("R", await self._call("query", ref, args, kwargs))

    async def _call(
        self, kind: FunctionKind, ref: object, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        self._invocation.check_usable()
        return await self._calls.nested(self._invocation, kind, ref, args, kwargs, self._limits)


class MutationCaller(QueryCaller):
    """Calls queries and mutations."""

    __slots__ = ()

    async def run_mutation(
        self,
        ref: MutationReference[P, R] | FunctionHandle[P, R],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Run a mutation; in a mutation, as a part of the transaction that rolls back alone.

        Args:
            ref: the mutation, from ``api``, ``internal`` or ``components``, or its handle.
            args: must be empty; arguments are keywords.
            kwargs: its arguments, which are copied.

        Raises:
            ArgumentValidationError: the arguments do not match.
            Exception: whatever the mutation raised; its writes are undone then.
        """
        return cast("R", await self._call("mutation", ref, args, kwargs))


class ActionCaller(MutationCaller):
    """Calls queries, mutations and actions."""

    __slots__ = ()

    async def run_action(
        self,
        ref: ActionReference[P, R] | FunctionHandle[P, R],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Run an action and wait for its result.

        Args:
            ref: the action, from ``api``, ``internal`` or ``components``, or its handle.
            args: must be empty; arguments are keywords.
            kwargs: its arguments, which are copied.

        Raises:
            ArgumentValidationError: the arguments do not match.
            Exception: whatever the action raised.
        """
        return cast("R", await self._call("action", ref, args, kwargs))
