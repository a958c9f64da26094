"""Telling listeners of every commit to the database, once and in order, whichever process made it.

Each group of transactions that is committed leaves a row with the keys it wrote, and notifies all
who listen. What was notified is only that there is something to read, so that a lost notification
costs time and nothing else: the log is looked at in intervals, too, and before a cached result is
trusted.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from contextvars import Context
from typing import TYPE_CHECKING, Any, Final

import asyncpg  # type: ignore[import-untyped]

from convexity.database.engine import Commit
from convexity.database.postgres import statements as sql
from convexity.database.postgres.connection import LOST, connect
from convexity.database.ranges import WriteSet
from convexity.database.write_log import decode_writes
from convexity.errors import ConvexityError, OverloadedError

if TYPE_CHECKING:
    from convexity.database.postgres.address import PostgresAddress
    from convexity.database.postgres.connection import Connection
    from convexity.database.postgres.transaction import PostgresWriteTransaction

LOG_RETENTION: Final = 60.0
"""Seconds for which rows are kept; a process that slept longer takes everything as changed."""
ANSWER_RETENTION: Final = 24 * 3600.0
"""Seconds for which answers are kept for clients that ask again."""
TRIM_INTERVAL: Final = 5.0
"""Least seconds between deletions of old rows."""
LONGEST_PAUSE: Final = 2.0
"""Seconds between attempts to connect again."""

_NANOSECONDS: Final = 1_000_000_000

_log = logging.getLogger(__name__)


class CommitFeed:
    """Knows up to which time listeners were told, and tells them more."""

    def __init__(
        self,
        address: PostgresAddress,
        channel: str,
        frontier: int,
        notify: Callable[[Commit], None],
        adopt: Callable[[Mapping[str, int]], None],
    ) -> None:
        """Begin.

        Args:
            address: Of the database.
            channel: On which commits are notified.
            frontier: Time of the newest commit that listeners need not be told of.
            notify: Tells the listeners.
            adopt: Takes numbers of tables, which may be others than before.
        """
        self.frontier = frontier
        """Time up to which listeners know of every commit."""
        self._address = address
        self._channel = channel
        self._notify = notify
        self._adopt = adopt
        self._connection: Connection | None = None
        self._trimmed = 0
        self._own: int | None = None
        self._own_done = asyncio.Event()
        self._next: asyncio.Future[None] | None = None
        self._rounds: asyncio.Task[None] | None = None
        self._notified = asyncio.Event()
        self._watch: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look for commits of other processes."""
        self._watch = asyncio.get_running_loop().create_task(self._look())

    async def close(self) -> None:
        """Look no more."""
        for task in (self._watch, self._rounds):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        if self._connection is not None:
            self._connection.terminate()

    async def settle(self) -> None:
        """Return when listeners know of every commit that a snapshot of now would see.

        Those who ask while one look at the log is under way share the next one.

        Raises:
            OverloadedError: the database cannot be reached.
        """
        following = self._next
        if following is None:
            following = self._next = asyncio.get_running_loop().create_future()
            if self._rounds is None or self._rounds.done():
                # It serves others too, and must not end with the function that asks.
                self._rounds = Context().run(asyncio.ensure_future, self._serve_rounds())
        await asyncio.shield(following)

    async def read_from(self, connection: Connection) -> bool:
        """Tell of what other processes committed; ``False`` before a commit of our own.

        Args:
            connection: Reads the log, and sees at least what is to be told.
        """
        rows = await connection.fetch(sql.COMMITS_AFTER, self.frontier)
        numbers: dict[str, int] = {}
        if any(row["writes"] is None for row in rows) or self._has_gap(rows):
            numbers = dict(await connection.fetch(sql.TABLE_NUMBERS))
        return self._tell(rows, numbers)

    def _has_gap(self, rows: Sequence[Any]) -> bool:
        return bool(rows) and rows[0]["previous"] != self.frontier

    def _tell(self, rows: Sequence[Any], numbers: Mapping[str, int]) -> bool:
        for timestamp, previous, writes in rows:
            if timestamp <= self.frontier:
                continue
            if timestamp == self._own:
                return False
            is_complete = previous == self.frontier and writes is not None
            commit = Commit(
                timestamp, decode_writes(writes) if is_complete else WriteSet(), is_complete
            )
            self.frontier = timestamp
            if not is_complete and numbers:
                self._adopt(numbers)
            self._notify(commit)
        return True

    def begin_own(self, timestamp: int) -> None:
        """Leave it to :meth:`end_own` to tell of the commit of that time."""
        self._own = timestamp
        self._own_done.clear()

    def end_own(
        self,
        transactions: Sequence[PostgresWriteTransaction] | None,
        numbers: Mapping[str, int] | None = None,
    ) -> None:
        """Tell of our own commit.

        Args:
            transactions: What is durable now; ``None``: the commit did not happen.
            numbers: Numbers of tables, if they may have changed.
        """
        if self._own is not None and transactions is not None:
            self.frontier = self._own
            if numbers is not None:
                self._adopt(numbers)
            for transaction in transactions:
                if transaction.has_writes:
                    self._notify(
                        Commit(
                            transaction.timestamp,
                            transaction.write_set,
                            is_complete=transaction.has_all_keys,
                        )
                    )
        self._own = None
        self._own_done.set()

    async def trim(self, connection: Connection, timestamp: int) -> None:
        """Delete rows that are old, in the transaction of a commit of that time."""
        if timestamp - self._trimmed <= TRIM_INTERVAL * _NANOSECONDS:
            return
        self._trimmed = timestamp
        for statement, seconds in (
            (sql.COMMITS_TRIM, LOG_RETENTION),
            (sql.ANSWERS_TRIM, ANSWER_RETENTION),
        ):
            await connection.execute(statement, timestamp - int(seconds * _NANOSECONDS))

    async def _serve_rounds(self) -> None:
        while self._next is not None:
            following, self._next = self._next, None
            try:
                await self._read_new()
            except asyncio.CancelledError:
                following.cancel()
                raise
            except Exception as error:
                if not following.done():
                    following.set_exception(_as_overload(error))
                    following.exception()  # Nobody need be left who waits.
            else:
                if not following.done():
                    following.set_result(None)

    async def _read_new(self) -> None:
        while True:
            connection = await self._connected()
            try:
                is_all = await self.read_from(connection)
            except LOST:
                if not connection.is_closed():
                    raise
                is_all = await self.read_from(await self._connected())
            if is_all:
                return
            await self._own_done.wait()

    async def _connected(self) -> Connection:
        """The connection that listens, opened again where it was lost."""
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._address)
            self._connection.add_termination_listener(self._lost)
            if self._address.listen:
                try:
                    await self._connection.add_listener(self._channel, self._heard)
                except asyncpg.FeatureNotSupportedError:
                    _log.warning("The database does not notify of commits; its log is polled")
        return self._connection

    def _heard(self, *_: object) -> None:
        self._notified.set()

    def _lost(self, _: object) -> None:
        self._notified.set()

    async def _look(self) -> None:
        """Look at notifications, and at intervals, for ever."""
        pause = 0.0
        while True:
            try:
                await self.settle()
                if pause:
                    _log.warning("The database can be read again")
                pause = 0.0
            except ConvexityError as error:
                if not pause:
                    _log.warning("Commits of other processes cannot be read: %s", error)
                pause = min(max(2 * pause, 0.05), LONGEST_PAUSE)
                await asyncio.sleep(pause * random.uniform(0.5, 1))
                continue
            try:
                async with asyncio.timeout(self._address.interval):
                    await self._notified.wait()
            except TimeoutError:
                pass
            self._notified.clear()


def _as_overload(error: Exception) -> Exception:
    if isinstance(error, LOST):
        return OverloadedError(f"the connection to the database was lost: {error}")
    return error if isinstance(error, ConvexityError) else OverloadedError(str(error))
