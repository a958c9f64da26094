"""What one transaction may read, write and schedule (wire-protocol 10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final, NoReturn

from convexity.errors import TransactionLimitError, TransactionLimitReached
from convexity.values import limits


@dataclass(frozen=True, kw_only=True)
class TransactionLimits:
    """Limits for a nested call, ``None`` where the enclosing transaction's limit suffices.

    Bytes are those of the documents' JSON texts as stored.
    """

    bytes_read: int | None = None
    bytes_written: int | None = None
    database_queries: int | None = None
    documents_read: int | None = None
    documents_written: int | None = None
    functions_scheduled: int | None = None
    scheduled_function_args_bytes: int | None = None


@dataclass(frozen=True)
class TransactionMetric:
    """How much of a limit is used."""

    used: int
    remaining: int


@dataclass(frozen=True)
class TransactionMetrics:
    """How much of each limit is used."""

    bytes_read: TransactionMetric
    bytes_written: TransactionMetric
    database_queries: TransactionMetric
    documents_read: TransactionMetric
    documents_written: TransactionMetric
    functions_scheduled: TransactionMetric
    scheduled_function_args_bytes: TransactionMetric


_UNREACHED: Final = 1 << 62
NO_LIMITS: Final = TransactionLimits(
    bytes_read=_UNREACHED,
    bytes_written=_UNREACHED,
    database_queries=_UNREACHED,
    documents_read=_UNREACHED,
    documents_written=_UNREACHED,
    functions_scheduled=_UNREACHED,
    scheduled_function_args_bytes=_UNREACHED,
)
"""For what the runtime does in batches of its own."""

DEFAULT_LIMITS: Final[Mapping[str, int]] = {
    "bytes_read": limits.MAX_BYTES_READ,
    "bytes_written": limits.MAX_BYTES_WRITTEN,
    "database_queries": limits.MAX_DATABASE_QUERIES,
    "documents_read": limits.MAX_DOCUMENTS_READ,
    "documents_written": limits.MAX_DOCUMENTS_WRITTEN,
    "functions_scheduled": limits.MAX_FUNCTIONS_SCHEDULED,
    "scheduled_function_args_bytes": limits.MAX_SCHEDULED_ARGUMENTS_SIZE,
}
"""Limits of an outermost transaction."""

_READ_LESS: Final = "Read less: take() or paginate(), over an index range that selects more."
_WRITE_LESS: Final = "Write in batches: let each mutation schedule the next one."

_MESSAGES: Final[Mapping[str, str]] = {
    "bytes_read": (
        "Too many bytes read in a single function execution (limit: {limit} bytes). " + _READ_LESS
    ),
    "bytes_written": (
        "Too many bytes written in a single function execution (limit: {limit} bytes). "
        + _WRITE_LESS
    ),
    "database_queries": (
        "Too many reads in a single function execution (limit: {limit}). "
        "Every db.get and every index range counts: read neighbouring documents in one range."
    ),
    "documents_read": (
        "Too many documents read in a single function execution (limit: {limit}). " + _READ_LESS
    ),
    "documents_written": (
        "Too many writes in a single function execution (limit: {limit}). " + _WRITE_LESS
    ),
    "functions_scheduled": (
        "Too many functions scheduled by this mutation (limit: {limit}). "
        "Schedule one function that goes through the work in batches."
    ),
    "scheduled_function_args_bytes": (
        "Too large total size of the arguments of functions scheduled by this mutation "
        "(limit: {limit} bytes). Store the data in a table and pass ids."
    ),
}

_UNDONE_BY_ROLLBACK: Final = (
    "bytes_written",
    "documents_written",
    "functions_scheduled",
    "scheduled_function_args_bytes",
)
"""Reads stay counted after a rollback: they happened, and the caller may depend on them."""


_NOTHING_USED: Final = dict.fromkeys(DEFAULT_LIMITS, 0)


class Usage:
    """Counters of a transaction; what a nested one uses counts for the enclosing ones too."""

    __slots__ = ("_levels", "_limits", "_used")

    def __init__(
        self, limits: TransactionLimits | None = None, *, enclosing: Usage | None = None
    ) -> None:
        """Count against ``limits`` and ``enclosing``, or as the outermost transaction."""
        self._limits = _limits_of(limits, {} if enclosing else DEFAULT_LIMITS)
        self._used = _NOTHING_USED.copy()
        self._levels: tuple[Usage, ...] = (*(enclosing._levels if enclosing else ()), self)

    def add(self, name: str, amount: int) -> None:
        """Count ``amount`` for the limit ``name``.

        Raises:
            TransactionLimitReached: a limit of the outermost transaction is exceeded.
            TransactionLimitError: a limit given for a nested call is exceeded.
        """
        exceeded = None
        for level in self._levels:
            used = level._used[name] = level._used[name] + amount
            if exceeded is None and used > level._limits.get(name, used):
                exceeded = level
        if exceeded is not None:
            exceeded._fail(name)

    def undo_writes(self) -> None:
        """Take what this transaction wrote and scheduled back, in the enclosing ones too."""
        for name in _UNDONE_BY_ROLLBACK:
            amount = self._used[name]
            for level in self._levels:
                level._used[name] -= amount

    def metrics(self) -> TransactionMetrics:
        """Use and rest of every limit, each as counted where the limit that applies was set."""
        return TransactionMetrics(**{name: self._metric(name) for name in DEFAULT_LIMITS})

    def approached(self, share: float) -> list[tuple[str, int, int]]:
        """Name, use and amount of the limits of this transaction used beyond ``share``."""
        used = self._used
        return [
            (name, used[name], limit)
            for name, limit in self._limits.items()
            if used[name] > share * limit
        ]

    def _metric(self, name: str) -> TransactionMetric:
        limiting = [level for level in self._levels if name in level._limits]
        remaining = min(level._limits[name] - level._used[name] for level in limiting)
        return TransactionMetric(used=limiting[-1]._used[name], remaining=max(0, remaining))

    def _fail(self, name: str) -> NoReturn:
        message = _MESSAGES[name].format(limit=self._limits[name])
        if len(self._levels) == 1:
            raise TransactionLimitReached(message, limit=name)
        raise TransactionLimitError(message, limit=name)


def _limits_of(limits: TransactionLimits | None, defaults: Mapping[str, int]) -> Mapping[str, int]:
    """The given limits by name, over the defaults."""
    if limits is None:
        return defaults
    given = {name: limit for name, limit in asdict(limits).items() if limit is not None}
    return {**defaults, **given}
