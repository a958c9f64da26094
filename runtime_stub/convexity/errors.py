"""Errors of the platform.

Two families. :class:`ConvexityError` (an ``Exception``) is what the platform raises into user code,
which may catch it. :class:`ControlFlow` (a ``BaseException``) steers the runtime: ``except
Exception`` around a nested call must not be able to swallow a conflict retry or a time-out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from convexity.values import Value

INVALID_CURSOR_DATA: Final[dict[str, Value]] = {
    "isConvexSystemError": True,
    "paginationError": "InvalidCursor",
}
"""Error data by which the pagination hooks know that they must start over (wire-protocol 7.3)."""


class ConvexityError(Exception):
    """Base of what the platform raises into user code."""


class ArgumentValidationError(ConvexityError):
    """The arguments of a call do not match the ``args`` of the function."""


class ReturnsValidationError(ConvexityError):
    """The result of a function does not match its ``returns``."""


class SchemaValidationError(ConvexityError):
    """A document that is written does not match the schema of its table."""


class DocumentExistsError(ConvexityError):
    """A document is restored whose id another one has."""


class NumberTakenError(ConvexityError):
    """A table cannot get a number, since another table has it, and documents whose ids hold it."""

    def __init__(self, table: str, number: int) -> None:
        """Take the qualified name of the other table, and the number."""
        super().__init__(f"table {table!r} has documents, whose ids hold the number {number}")
        self.table = table
        self.number = number


class DocumentNotFoundError(ConvexityError):
    """``patch``, ``replace`` or ``delete`` of a document that does not exist."""


class NotUniqueError(ConvexityError):
    """``unique()`` met more than one document."""


class InvalidIdError(ConvexityError):
    """A text is no id, or an id of another table than the call needs."""


class InvalidCursorError(ConvexityError):
    """A pagination cursor belongs to another query, or is no cursor at all.

    The message starts with ``InvalidCursor:`` and :attr:`data` reaches the client, because the
    pagination hooks recognise either (wire-protocol 7.3).
    """

    def __init__(self, reason: str, /) -> None:
        super().__init__(f"InvalidCursor: {reason}")
        self.data: dict[str, Value] = dict(INVALID_CURSOR_DATA)


class TransactionLimitError(ConvexityError):
    """A transaction reached one of its limits; :attr:`limit` is the limit's name.

    Raised where the limit was set for a nested call with ``with_options``. The limits of the
    outermost transaction end it with :class:`TransactionLimitReached` instead.
    """

    def __init__(self, message: str, /, *, limit: str) -> None:
        super().__init__(message)
        self.limit = limit


class RemoteFunctionError(ConvexityError):
    """A function in another process or component failed, and not with ``ConvexError``."""

    def __init__(
        self,
        message: str,
        /,
        *,
        name: str,
        reported: str | None = None,
        frames: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.name = name
        """Path of the function."""
        self.reported = reported
        """What a client that called the function itself reads, where it ran in another process."""
        self.frames = tuple(frames)
        """Where it happened there."""


class NotAvailableError(ConvexityError):
    """Something that can be declared but not run by this version of the runtime."""


class ContextError(ConvexityError):
    """A ``ctx`` was used after its function ended, or from another thread."""


class ClaimLostError(ConvexityError):
    """A scheduled action writes that another process took for dead and marked as failed."""


class UnauthenticatedError(ConvexityError):
    """The identity of the caller was asked for, and its token was refused (wire-protocol 5.3)."""


class FunctionNotFoundError(ConvexityError):
    """No function of that path may be called from here."""


class FunctionPathError(ConvexityError):
    """A text is no path of a function (wire-protocol 2.5)."""


class NotPermittedError(ConvexityError):
    """A system function is called by somebody who is no admin, or acts as a user."""


class FunctionKindError(ConvexityError):
    """A function was called as another kind than it is."""


class InvalidArgumentsError(ConvexityError):
    """The arguments of a call are no Convex values."""


class InvalidHandleError(ConvexityError):
    """A text is no function handle of this deployment."""


class ValueSizeError(ConvexityError):
    """The arguments or the result of a function exceed the limit (wire-protocol 10)."""


class NestingDepthError(ConvexityError):
    """Functions call each other deeper than allowed (wire-protocol 10)."""


class FunctionTimeoutError(ConvexityError):
    """A query or mutation that an action called ran longer than it may."""


class SchedulingError(ConvexityError):
    """A function cannot be scheduled as asked: its time, its target or its state forbid it."""


class DefinitionError(ConvexityError):
    """A declaration (schema, function, route, cron job, ...) is wrong as written."""


class SchemaMismatchError(ConvexityError):
    """Stored documents do not match the schema that is deployed."""

    def __init__(self, message: str, /, *, documents: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.documents = tuple(documents)
        """Ids of the documents that do not match, as far as they were collected."""


class DriftError(ConvexityError):
    """What the user's modules declare differs from what was compiled."""

    def __init__(self, differences: Sequence[str], /) -> None:
        self.differences = tuple(differences)
        listing = "\n".join(f"  - {difference}" for difference in self.differences)
        super().__init__(
            "the modules that were imported differ from what was compiled; build again:\n" + listing
        )


class SnapshotTooOldError(ConvexityError):
    """A query asked for a time whose documents are no longer kept."""


class OverloadedError(ConvexityError):
    """The backend has no free slot or no storage capacity; trying again later may help."""


class SupersededError(OverloadedError):
    """Another version of the schema was deployed: this process can no longer write."""


class ConflictExhaustedError(ConvexityError):
    """A mutation met conflicting writes at every attempt (wire-protocol 10, OCC retries)."""


RETRYABLE: Final = (
    (ConflictExhaustedError, "OptimisticConcurrencyControlFailure"),
    (SnapshotTooOldError, "OutOfRetention"),
    (OverloadedError, "Overloaded"),
)
"""Errors of the backend's state and their codes for clients; all are worth another try."""


class ControlFlow(BaseException):
    """Base of what ends a function without being an error of the function."""


class WriteConflict(ControlFlow):
    """The engine asks for the transaction to be run again."""


class FunctionTimeout(ControlFlow):
    """A function ran longer than its kind may."""


class FunctionExit(ControlFlow):
    """A task of a function asked the process to end; the function ends instead."""


class TransactionLimitReached(ControlFlow):
    """The outermost transaction reached a limit and cannot go on; :attr:`limit` names it."""

    def __init__(self, message: str, /, *, limit: str) -> None:
        super().__init__(message)
        self.limit = limit
