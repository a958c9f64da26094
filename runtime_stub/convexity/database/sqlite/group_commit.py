"""The one writer of a file.

A group of transactions runs inside savepoints of one SQLite transaction. Its COMMIT, with its sync,
runs in a thread; everything else runs on the event loop.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, TypeVar

import apsw

from convexity.database.group_commit import TICK, Group, GroupCommit
from convexity.database.interruption import Interrupted
from convexity.database.sqlite import statements as sql
from convexity.database.sqlite.connection import LOCK_TIMEOUT
from convexity.database.sqlite.snapshot import SqliteWriteTransaction, read_timestamp
from convexity.errors import OverloadedError

if TYPE_CHECKING:
    from convexity.database.engine import WriteTransaction
    from convexity.database.sqlite.commit_feed import CommitFeed
    from convexity.database.sqlite.statements import Statements

T = TypeVar("T")

_LONGEST_PAUSE: Final = 0.02
"""Between attempts to get the lock that another process holds, in seconds."""


class SqliteGroupCommit(GroupCommit[SqliteWriteTransaction]):
    """Owner of the connection that writes."""

    def __init__(
        self,
        connection: apsw.Connection,
        statements: Statements,
        clock: Callable[[], int],
        feed: CommitFeed,
        durable: Callable[[int, float], None],
    ) -> None:
        """Take the writing connection, outside a transaction.

        Args:
            connection: Used by nobody else from now on.
            statements: Of the deployment.
            clock: Nanoseconds since the epoch; it may stand still or go back.
            feed: Is told of each group that wrote, and tells of those of other processes.
            durable: Is told the size of each group that wrote, and the seconds it took to commit.
        """
        super().__init__(durable)
        connection.set_busy_timeout(0)
        self._connection = connection
        self._cursor = connection.cursor()
        self._statements = statements
        self._clock = clock
        self._feed = feed
        self.waits_for_disk = True
        """Whether a commit takes so long that it needs a thread of its own."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="convexity-commit")
        self._last_timestamp = 0
        """Of the newest transaction that ran, committed or not."""

    async def close(self) -> None:
        """Finish what is under way and close the connection."""
        await super().close()
        self.discard()

    def discard(self) -> None:
        """Close the connection, whatever is under way."""
        self._closed = True
        self._thread.shutdown()
        self._connection.close()

    async def _open_group(self) -> Group[SqliteWriteTransaction]:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + LOCK_TIMEOUT
        pause = 0.001
        while True:
            try:
                self._cursor.execute("BEGIN IMMEDIATE")
                break
            except apsw.BusyError as error:
                if loop.time() > deadline:
                    raise OverloadedError(
                        f"another process has locked the database for {LOCK_TIMEOUT:.0f} s"
                    ) from error
            await asyncio.sleep(pause * random.uniform(0.5, 1))
            pause = min(2 * pause, _LONGEST_PAUSE)
        self._feed.read_foreign(self._cursor)
        self._last_timestamp = max(self._last_timestamp, read_timestamp(self._cursor))
        return Group(loop.time())

    async def _run(
        self,
        group: Group[SqliteWriteTransaction],
        work: Callable[[WriteTransaction], Awaitable[T]],
    ) -> tuple[T, SqliteWriteTransaction]:
        execute = self._cursor.execute
        before = self._last_timestamp
        timestamp = max(self._clock(), before + TICK)
        transaction = SqliteWriteTransaction(self._cursor, self._statements, timestamp)
        execute("SAVEPOINT member")
        try:
            with self._limit(group):
                value = await work(transaction)
            transaction.require_intact()
            execute("RELEASE member")
            group.is_closed |= transaction.is_last
        except BaseException as error:
            if isinstance(error, Interrupted):
                group.is_closed = True
            if self._connection.get_autocommit():
                self._abandon(group)
            else:
                execute("ROLLBACK TO member")
                execute("RELEASE member")
            raise
        if transaction.has_writes:
            # The next transaction's creation times must come after those of this one.
            self._last_timestamp = max(timestamp, int(transaction.last_creation_time * 1e6))
        else:
            transaction.timestamp = before
        return value, transaction

    async def _end(self, group: Group[SqliteWriteTransaction]) -> None:
        try:
            if not group.has_writes:
                self._cursor.execute("ROLLBACK")
            elif self.waits_for_disk:
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(self._thread, self._commit_durably, group)
            else:
                self._commit_durably(group)
        except Exception:
            if not self._connection.get_autocommit():
                self._cursor.execute("ROLLBACK")
            raise
        if group.has_writes:
            self._feed.publish(group.transactions, self._last_timestamp)

    def _commit_durably(self, group: Group[SqliteWriteTransaction]) -> None:
        self._feed.record(self._cursor, group.transactions, self._last_timestamp)
        self._cursor.execute(sql.SET_TIMESTAMP, (self._last_timestamp,))
        self._cursor.execute("COMMIT")
