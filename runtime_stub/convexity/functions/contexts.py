"""``ctx``: what a function may do, by kind of function."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

from convexity.database.limits import TransactionLimits
from convexity.database.reader import DatabaseReader
from convexity.database.writer import DatabaseWriter
from convexity.functions.auth import Auth
from convexity.functions.callers import ActionCaller, MutationCaller, QueryCaller
from convexity.functions.meta import ActionMeta, MutationMeta, QueryMeta
from convexity.functions.scheduling import Scheduler
from convexity.functions.storage import StorageActionWriter, StorageReader, StorageWriter
from convexity.values.limits import DEFAULT_VECTOR_RESULTS

if TYPE_CHECKING:
    from convexity.functions.calls import Calls
    from convexity.functions.invocation import Invocation
    from convexity.server.vector_search import VectorSearchResult


class QueryCtx(QueryCaller):
    """What a query may do; helpers that take it accept a :class:`MutationCtx` too."""

    __slots__ = ("_db",)

    def __init__(self, invocation: Invocation, calls: Calls) -> None:
        super().__init__(invocation, calls)
        self._db = self._open(invocation)

    @staticmethod
    def _open(invocation: Invocation) -> DatabaseReader:
        return DatabaseReader(invocation.live_transaction)

    @property
    def auth(self) -> Auth:
        """The caller's identity."""
        self._invocation.check_usable()
        return Auth(self._invocation)

    @property
    def db(self) -> DatabaseReader:
        """The documents."""
        self._invocation.check_usable()
        return self._db

    @property
    def storage(self) -> StorageReader:
        """The stored files."""
        self._invocation.check_usable()
        return StorageReader(self._invocation, self._calls)

    @property
    def meta(self) -> QueryMeta:
        """Facts about the function and its transaction."""
        self._invocation.check_usable()
        return QueryMeta(self._invocation)

    def now(self) -> datetime:
        """The time of the transaction's start, aware, in UTC.

        The result of a query that asks is not cached.
        """
        self._invocation.check_usable()
        self._invocation.call.time_read = True
        return self._invocation.started

    def with_options(self, *, transaction_limits: TransactionLimits | None = None) -> QueryCaller:
        """A caller whose calls may use no more than ``transaction_limits`` each."""
        self._invocation.check_usable()
        return QueryCaller(self._invocation, self._calls, transaction_limits)


class MutationCtx(QueryCtx, MutationCaller):
    """What a mutation may do."""

    __slots__ = ()

    _db: DatabaseWriter

    @staticmethod
    def _open(invocation: Invocation) -> DatabaseWriter:
        return DatabaseWriter(invocation.live_transaction)

    @property
    def db(self) -> DatabaseWriter:
        """The documents."""
        self._invocation.check_usable()
        return self._db

    @property
    def storage(self) -> StorageWriter:
        """The stored files."""
        self._invocation.check_usable()
        return StorageWriter(self._invocation, self._calls)

    @property
    def scheduler(self) -> Scheduler:
        """Functions to run later: scheduled if and when the mutation commits."""
        self._invocation.check_usable()
        return Scheduler(self._invocation, self._calls)

    @property
    def meta(self) -> MutationMeta:
        """Facts about the function, its request and its transaction."""
        self._invocation.check_usable()
        return MutationMeta(self._invocation)

    def with_options(
        self, *, transaction_limits: TransactionLimits | None = None
    ) -> MutationCaller:
        """A caller whose calls may use no more than ``transaction_limits`` each."""
        self._invocation.check_usable()
        return MutationCaller(self._invocation, self._calls, transaction_limits)


class ActionCtx(ActionCaller):
    """What an action or an HTTP action may do. It has no ``db``: each call commits by itself."""

    __slots__ = ()

    @property
    def auth(self) -> Auth:
        """The caller's identity."""
        self._invocation.check_usable()
        return Auth(self._invocation)

    @property
    def storage(self) -> StorageActionWriter:
        """The stored files."""
        self._invocation.check_usable()
        return StorageActionWriter(self._invocation, self._calls)

    @property
    def scheduler(self) -> Scheduler:
        """Functions to run later, scheduled at once."""
        self._invocation.check_usable()
        return Scheduler(self._invocation, self._calls)

    @property
    def meta(self) -> ActionMeta:
        """Facts about the function and its request."""
        self._invocation.check_usable()
        return ActionMeta(self._invocation)

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        self._invocation.check_usable()
        return self._calls.clock()

    async def vector_search(
        self,
        table: str,
        index: str,
        /,
        *,
        vector: list[float],
        limit: int = DEFAULT_VECTOR_RESULTS,
        any_of: list[tuple[str, Any]] = [],  # noqa: B006 - never changed
    ) -> list[VectorSearchResult[Any]]:
        """Find the documents whose vectors are nearest to ``vector``, nearest first.

        Args:
            table: a table of the schema.
            index: a vector index of it.
            vector: as many numbers as the index has dimensions.
            limit: most results, 1 to 256.
            any_of: filter fields with values; only documents that have one of them are found.

        Raises:
            ValueError: there is no such index, or an argument is out of range.
            TypeError: an argument has another type.
        """
        self._invocation.check_usable()
        found: list[Any] = await self._calls.vector_search(
            self._invocation, table, index, vector=vector, limit=limit, any_of=any_of
        )
        return found

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            """Say why an action has no ``db``."""
            if name == "db":
                raise AttributeError(
                    "an action has no ctx.db: read with ctx.run_query(...) and write with "
                    "ctx.run_mutation(...)"
                )
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
