"""One running function, and the call it is part of."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from convexity.auth.identity import ANONYMOUS, Identity
from convexity.errors import ContextError
from convexity.functions.environment import BUILT_IN_VARIABLES
from convexity.functions.logs import LogBuffer
from convexity.functions.meta import RequestMetadata
from convexity.functions.tasks import TaskScope
from convexity.functions.variables import note_read
from convexity.values import Id, limits

if TYPE_CHECKING:
    from convexity.database.system_tables import ScheduledFunctions
    from convexity.database.transaction import Transaction
    from convexity.functions.components import Component
    from convexity.functions.registry import Function
    from convexity.functions.variables import VariableValues


class ScheduledBy(NamedTuple):
    """A row of ``_scheduled_functions``."""

    component: Component
    """The component that the row belongs to."""
    id: Id[ScheduledFunctions]
    is_claimed: bool = False
    """Whether other processes may take this one for dead, and mark the row as failed."""


class Call:
    """What all functions share that one request runs."""

    __slots__ = ("identity", "identity_read", "logs", "request", "scheduled", "time_read")

    def __init__(
        self,
        identity: Identity,
        request: RequestMetadata,
        scheduled: ScheduledBy | None = None,
    ) -> None:
        self.identity = identity
        self.request = request
        self.scheduled = scheduled
        """What had scheduled the outermost function, if anything did."""
        self.logs = LogBuffer()
        self.identity_read = False
        """Whether a function asked for the identity: its result is for this identity only."""
        self.time_read = False
        """Whether a function asked for the time: its result holds for that time only."""

    def attempt(self) -> Call:
        """A part of the call that may have to be run again, with log lines of its own."""
        return Call(self.identity, self.request, self.scheduled)

    def across(self) -> Call:
        """The part of the call that another component takes, which does not learn who calls."""
        request = replace(self.request, auth_token=None, scheduled_function_id=None)
        part = Call(ANONYMOUS, request, self.scheduled)
        part.logs = self.logs
        return part

    def absorb(self, attempt: Call) -> None:
        """Take over what the attempt that counts logged and read."""
        self.logs.extend(attempt.logs)
        self.identity_read |= attempt.identity_read
        self.time_read |= attempt.time_read


class Invocation:
    """One running function. Its contexts ask it whether they may still be used."""

    __slots__ = (
        "_call_slots",
        "_ended",
        "_thread",
        "call",
        "component",
        "depth",
        "function",
        "started",
        "tasks",
        "transaction",
        "variables",
    )

    def __init__(
        self,
        function: Function,
        call: Call,
        *,
        component: Component,
        started: datetime,
        variables: VariableValues,
        depth: int = 0,
        transaction: Transaction | None = None,
    ) -> None:
        self.function = function
        self.call = call
        self.component = component
        """The component that the function belongs to."""
        self.variables = variables
        self.depth = depth
        """Functions around this one that it is nested in."""
        self.transaction = transaction
        """Its transaction; ``None`` for an action."""
        self.started = started
        """What ``ctx.now()`` gives: in a transaction, the time of its start."""
        self.tasks = TaskScope()
        self._call_slots: asyncio.Semaphore | None = None
        self._thread = threading.get_ident()
        self._ended = False

    @property
    def call_slots(self) -> asyncio.Semaphore:
        """Calls that an action may have under way."""
        if self._call_slots is None:
            self._call_slots = asyncio.Semaphore(limits.MAX_CONCURRENT_CALLS_IN_ACTION)
        return self._call_slots

    @property
    def live_transaction(self) -> Transaction:
        """The transaction of a query or mutation, if the context may still be used."""
        self.check_usable()
        if self.transaction is None:
            raise ContextError(f"{self.function.path} is an action and has no transaction")
        return self.transaction

    async def handle(self, ref: object) -> str:
        """The handle of the function that a reference names; see :meth:`Component.handle`."""
        self.check_usable()
        return self.component.handle(ref)

    def check_usable(self) -> None:
        """Refuse to go on after the function ended, or in another thread.

        Raises:
            ContextError: either is the case.
        """
        if self._ended:
            raise ContextError(
                f"ctx of {self.function.path} was used after the function had ended: await "
                "everything that uses ctx before the function returns"
            )
        if threading.get_ident() != self._thread:
            raise ContextError(
                f"ctx of {self.function.path} was used in another thread: use ctx only in the "
                "function itself and its tasks, and pass plain data to threads"
            )

    def variable(self, name: str) -> str | None:
        """Value of an environment variable, ``None`` if it is not set; a query depends on it."""
        given = self.component.environment
        if given is not None and name not in BUILT_IN_VARIABLES:
            return given.get(name)
        if self.transaction is not None:
            note_read(self.transaction.read_set, name)
        return self.variables.get(name)

    def end(self) -> None:
        """From now on the contexts cannot be used."""
        self._ended = True
