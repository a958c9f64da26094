"""``ctx.meta``: facts about the running function, its request and its transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from convexity.database.limits import TransactionMetrics
from convexity.values import Id

if TYPE_CHECKING:
    from convexity.database.system_tables import ScheduledFunctions
    from convexity.functions.invocation import Invocation
    from convexity.functions.registry import FunctionKind, Visibility


@dataclass(frozen=True)
class FunctionMetadata:
    """The running function."""

    name: str
    """Wire path, ``messages/access:h``."""
    component_path: str
    """Path of the component it belongs to; empty for the application."""
    type: FunctionKind
    visibility: Visibility


@dataclass(frozen=True)
class RequestMetadata:
    """The request that started the outermost function."""

    ip: str | None = None
    user_agent: str | None = None
    request_id: str = ""
    scheduled_function_id: Id[ScheduledFunctions] | None = None
    """The scheduled function that is running, if it was no request."""
    auth_token: str | None = None


class QueryMeta:
    """``ctx.meta`` of queries."""

    __slots__ = ("_invocation",)

    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation

    async def get_transaction_metrics(self) -> TransactionMetrics:
        """What the transaction has used, and what remains (wire-protocol 10)."""
        return self._invocation.live_transaction.metrics()

    async def get_function_metadata(self) -> FunctionMetadata:
        """Name, kind and visibility of the running function."""
        return _function_metadata(self._invocation)


class MutationMeta(QueryMeta):
    """``ctx.meta`` of mutations."""

    __slots__ = ()

    async def get_request_metadata(self) -> RequestMetadata:
        """The request that started the outermost function."""
        return _request_metadata(self._invocation)


class ActionMeta:
    """``ctx.meta`` of actions."""

    __slots__ = ("_invocation",)

    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation

    async def get_function_metadata(self) -> FunctionMetadata:
        """Name, kind and visibility of the running function."""
        return _function_metadata(self._invocation)

    async def get_request_metadata(self) -> RequestMetadata:
        """The request that started the outermost function."""
        return _request_metadata(self._invocation)


def _function_metadata(invocation: Invocation) -> FunctionMetadata:
    invocation.check_usable()
    function = invocation.function
    return FunctionMetadata(
        name=function.path,
        component_path=invocation.component.path,
        type=function.kind,
        visibility=function.visibility,
    )


def _request_metadata(invocation: Invocation) -> RequestMetadata:
    invocation.check_usable()
    return invocation.call.request
