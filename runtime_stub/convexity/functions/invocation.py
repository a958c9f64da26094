"""One running function, and the call it is part of."""

from __future__ import annotations

import asyncio
import threading
from datetime import datetime
from typing import TYPE_CHECKING

from convexity.auth.identity import Identity
from convexity.errors import ContextError
from convexity.functions.logs import LogBuffer
from convexity.functions.meta import RequestMetadata
from convexity.functions.tasks import TaskScope
from convexity.functions.variables import note_read
from convexity.values import limits

if TYPE_CHECKING:
    from convexity.database.transaction import Transaction
    from convexity.functions.registry import Function
    from convexity.functions.variables import VariableValues


class Call:
    """What all functions share that one request runs."""

    __slots__ = ("identity", "identity_read", "logs", "request", "time_read")

    def __init__(self, identity: Identity, request: RequestMetadata) -> None:
        self.identity = identity
        self.request = request
        self.logs = LogBuffer()
        self.identity_read = False
        """Whether a function asked for the identity: its result is for this identity only."""
        self.time_read = False
        """Whether a function asked for the time: its result holds for that time only."""

    def attempt(self) -> Call:
        """A part of the call that may have to be run again, with log lines of its own."""
        return Call(self.identity, self.request)

    def absorb(self, attempt: Call) -> None:
        """Take over what the attempt that counts logged and read."""
        self.logs.extend(attempt.logs)
        self.identity_read |= attempt.identity_read


class Invocation:
    """One running function. Its contexts ask it whether they may still be used."""

    __slots__ = (
        "_ended",
        "_thread",
        "call",
        "call_slots",
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
        started: datetime,
        variables: VariableValues,
        depth: int = 0,
        transaction: Transaction | None = None,
    ) -> None:
        self.function = function
        self.call = call
        self.variables = variables
        self.depth = depth
        """Functions around this one that it is nested in."""
        self.transaction = transaction
        """Its transaction; ``None`` for an action."""
        self.started = started
        """What ``ctx.now()`` gives: in a transaction, the time of its start."""
        self.tasks = TaskScope()
        self.call_slots = asyncio.Semaphore(limits.MAX_CONCURRENT_CALLS_IN_ACTION)
        """Calls that an action may have under way."""
        self._thread = threading.get_ident()
        self._ended = False

    @property
    def live_transaction(self) -> Transaction:
        """The transaction of a query or mutation, if the context may still be used."""
        self.check_usable()
        if self.transaction is None:
            raise ContextError(f"{self.function.path} is an action and has no transaction")
        return self.transaction

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
        if self.transaction is not None:
            note_read(self.transaction.read_set, name)
        return self.variables.get(name)

    def end(self) -> None:
        """From now on the contexts cannot be used."""
        self._ended = True
