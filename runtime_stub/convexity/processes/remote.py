"""``ctx`` of an action in a worker process: what it asks for is done by the server."""

from __future__ import annotations

import asyncio
import itertools
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from convexity.errors import InvalidArgumentsError
from convexity.functions.contexts import ActionCtx
from convexity.functions.invocation import Invocation
from convexity.functions.logs import LogBuffer
from convexity.functions.references import FunctionReference, reference_path
from convexity.functions.scheduling import Scheduler
from convexity.functions.settings import system_clock
from convexity.functions.storage import StorageActionWriter
from convexity.processes.packing import pack, unpack, unpack_error
from convexity.processes.remote_storage import RemoteStorage
from convexity.values import Id
from convexity.values.encoding import EncodingError

if TYPE_CHECKING:
    from convexity.database.limits import TransactionLimits
    from convexity.database.system_tables import ScheduledFunctions
    from convexity.functions.calls import Calls
    from convexity.functions.components import Component
    from convexity.functions.invocation import Call
    from convexity.functions.registry import Function, FunctionKind
    from convexity.functions.settings import Clock
    from convexity.functions.variables import VariableValues
    from convexity.processes.frames import BlockingChannel


class RemoteLogs(LogBuffer):
    """Log lines, each sent when it is written: those of an action that crashes count too."""

    __slots__ = ("_channel",)

    def __init__(self, channel: BlockingChannel) -> None:
        super().__init__()
        self._channel = channel

    def append(self, line: str) -> None:
        """Keep a line if there is room, and send it then."""
        before = len(self.lines)
        super().append(line)
        if self._channel.is_forked:
            return
        for kept in self.lines[before:]:
            self._channel.send({"type": "log", "line": kept})


class Requests:
    """What the action asks the server, and the answers it waits for."""

    def __init__(self, channel: BlockingChannel) -> None:
        self._channel = channel
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def ask(self, message: dict[str, Any], what: str) -> Any:
        """Send a request and wait for its answer.

        Args:
            message: The request.
            what: Wire path of the function it is about, for its error.

        Raises:
            ConvexError: the function that was called raised it.
            RemoteFunctionError: it raised something else.
        """
        number = next(self._numbers)
        answer = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        self._channel.send({**message, "id": number})
        try:
            answered = await answer
        finally:
            del self._waiting[number]
        if "error" in answered:
            raise unpack_error(answered["error"], what)
        return unpack(answered["value"])

    def tell(self, message: dict[str, Any]) -> None:
        """Send what needs no answer."""
        self._channel.send(message)

    def answered(self, message: dict[str, Any]) -> None:
        """Give an answer to whoever waits for it."""
        waiting = self._waiting.get(message["id"])
        if waiting is not None and not waiting.done():
            waiting.set_result(message)


class RemoteInvocation(Invocation):
    """A running action, whose handles the server makes."""

    __slots__ = ("_requests",)

    def __init__(
        self,
        function: Function,
        call: Call,
        *,
        component: Component,
        started: datetime,
        variables: VariableValues,
        requests: Requests,
    ) -> None:
        super().__init__(function, call, component=component, started=started, variables=variables)
        self._requests = requests

    async def handle(self, ref: object) -> str:
        """The handle of the function that a reference names; see :meth:`Invocation.handle`."""
        self.check_usable()
        answer = await self._requests.ask({"type": "handle", **_named(ref)}, repr(ref))
        return cast("str", answer)


class RemoteCalls:
    """Stands in for :class:`~convexity.functions.calls.Calls`."""

    def __init__(self, requests: Requests) -> None:
        self.requests = requests

    @property
    def clock(self) -> Clock:
        """Gives the current time."""
        return system_clock

    async def nested(
        self,
        caller: Invocation,
        kind: FunctionKind,
        ref: object,
        positional: tuple[Any, ...],
        keywords: dict[str, Any],
        transaction_limits: TransactionLimits | None,
    ) -> Any:
        """Have the server run a function; see :meth:`Calls.nested`."""
        del transaction_limits  # an action cannot set any
        caller.check_usable()
        target = _target(ref, positional, keywords)
        return await self.requests.ask({"type": "call", "kind": kind, **target}, repr(ref))

    async def vector_search(
        self,
        invocation: Invocation,
        table: str,
        index: str,
        *,
        vector: object,
        limit: object,
        any_of: object,
    ) -> Any:
        """Have the server search; see :meth:`Calls.vector_search`."""
        invocation.check_usable()
        options = pack({"vector": vector, "limit": limit, "any_of": any_of})
        message = {"type": "vector_search", "table": table, "index": index, "options": options}
        return await self.requests.ask(message, "ctx.vector_search")


class RemoteScheduler(Scheduler):
    """``ctx.scheduler``, by way of the server."""

    __slots__ = ("_requests",)

    def __init__(self, invocation: Invocation, calls: RemoteCalls) -> None:
        super().__init__(invocation, cast("Calls", calls))
        self._requests = calls.requests

    async def cancel(self, id: Id[ScheduledFunctions], /) -> None:  # noqa: A002 - public name
        """Cancel a scheduled function; see :meth:`Scheduler.cancel`."""
        self._invocation.check_usable()
        await self._requests.ask({"type": "cancel_scheduled", "scheduled": id}, "scheduler.cancel")

    async def _schedule(
        self,
        when: datetime,
        ref: object,
        positional: tuple[Any, ...],
        keywords: dict[str, Any],
    ) -> Id[ScheduledFunctions]:
        target = _target(ref, positional, keywords)
        message = {"type": "schedule", "when": when.isoformat(), **target}
        return cast("Id[ScheduledFunctions]", await self._requests.ask(message, repr(ref)))


class ProcessActionCtx(ActionCtx):
    """What an action of ``runtime="process"`` may do: the same as any other."""

    __slots__ = ()

    def __init__(self, invocation: Invocation, calls: RemoteCalls) -> None:
        super().__init__(invocation, cast("Calls", calls))

    @property
    def scheduler(self) -> Scheduler:
        """Functions to run later, scheduled at once."""
        self._invocation.check_usable()
        return RemoteScheduler(self._invocation, cast("RemoteCalls", self._calls))

    @property
    def storage(self) -> StorageActionWriter:
        """The stored files."""
        self._invocation.check_usable()
        return RemoteStorage(self._invocation, cast("RemoteCalls", self._calls))


def _target(ref: object, positional: tuple[Any, ...], keywords: dict[str, Any]) -> dict[str, Any]:
    """A function and its arguments, to be looked up and checked by the server."""
    if positional:
        raise InvalidArgumentsError(
            f"arguments are passed by keyword, not by position: {positional[0]!r}"
        )
    named = _named(ref)
    try:
        arguments = pack(keywords)
    except EncodingError as error:
        raise InvalidArgumentsError(f"Invalid arguments for {ref!r}: {error}") from None
    return {**named, "args": arguments}


def _named(ref: object) -> dict[str, Any]:
    """A function, by a reference or by a handle."""
    if isinstance(ref, str):
        return {"handle": ref}
    if not isinstance(ref, FunctionReference):
        reference_path(ref)  # says what is wrong
    assert isinstance(ref, FunctionReference)
    return {"parts": list(ref.__parts__), "component": ref.__component__}
