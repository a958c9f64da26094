"""The one writer: transactions run one after another and are made durable together.

Transactions that wait while the disk is busy form the next group: they run inside savepoints of
one SQLite transaction, and one COMMIT, with its sync, answers all of them. The COMMIT runs in a
thread; everything else runs on the event loop.

A transaction that waits for something else than the database must not delay the finished ones of
its group: it is interrupted, the group is committed, and it runs again, first of the next group.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import TYPE_CHECKING, Final, TypeVar

import apsw

from convexity.database.engine import Committed
from convexity.database.sqlite import statements as sql
from convexity.database.sqlite.connection import LOCK_TIMEOUT
from convexity.database.sqlite.interruption import Interrupted, Interruptible
from convexity.database.sqlite.snapshot import SqliteWriteTransaction, read_timestamp
from convexity.errors import OverloadedError

if TYPE_CHECKING:
    from convexity.database.engine import WriteTransaction
    from convexity.database.sqlite.commit_feed import CommitFeed
    from convexity.database.sqlite.statements import Statements

T = TypeVar("T")

_log = logging.getLogger(__name__)

_MAX_GROUP_SIZE: Final = 256
_MAX_GROUP_SECONDS: Final = 0.02
"""After this time a group is committed although more transactions wait, or one still runs."""
_LONGEST_PAUSE: Final = 0.02
"""Between attempts to get the lock that another process holds, in seconds."""
_TICK: Final = 1_000
"""Least distance of commits in nanoseconds: several steps of a creation time, a float64 of ms."""
_UNINTERRUPTED: Final = nullcontext()


class _Group:
    """Transactions that are committed together."""

    __slots__ = ("has_writes", "is_closed", "members", "running", "started", "timer")

    def __init__(self, started: float) -> None:
        self.started = started
        self.running: Interruptible | None = None
        """The transaction that is running, if finished ones wait for it."""
        self.timer: asyncio.TimerHandle | None = None
        """Interrupts what runs when finished ones have waited for long enough."""
        self.members: list[tuple[SqliteWriteTransaction, asyncio.Future[None]]] = []
        self.has_writes = False
        self.is_closed = False
        """Whether no further transaction may join."""

    @property
    def transactions(self) -> list[SqliteWriteTransaction]:
        """The transactions in order."""
        return [transaction for transaction, _ in self.members]

    def interruptible(self) -> Interruptible | nullcontext[None]:
        """``with``: a transaction runs.

        The first of a group delays nobody who has finished, so what was interrupted gets done.
        """
        if not self.members:
            return _UNINTERRUPTED
        if self.timer is None:
            loop = asyncio.get_running_loop()
            self.timer = loop.call_at(self.started + _MAX_GROUP_SECONDS, self._interrupt)
        self.running = Interruptible()
        return self.running

    def _interrupt(self) -> None:
        if self.running is not None:
            self.running.interrupt()


class GroupCommit:
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
        connection.set_busy_timeout(0)
        self._connection = connection
        self._cursor = connection.cursor()
        self._statements = statements
        self._clock = clock
        self._feed = feed
        self._durable = durable
        self.waits_for_disk = True
        """Whether a commit takes so long that it needs a thread of its own."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="convexity-commit")
        self._busy = False
        self._closed = False
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._group: _Group | None = None
        self._committing: asyncio.Task[None] | None = None
        self._last_timestamp = 0
        """Of the newest transaction that ran, committed or not."""

    @property
    def is_open(self) -> bool:
        """Whether a group is open, so that no other process can commit."""
        return self._group is not None

    async def write(self, work: Callable[[WriteTransaction], Awaitable[T]]) -> Committed[T]:
        """Run ``work`` in its turn and wait until it is durable."""
        if self._closed:
            raise OverloadedError("the database is closed: the backend is shutting down")
        await self._take_turn()
        while True:
            try:
                group = self._group or await self._open_group()
                value, transaction = await self._run(group, work)
                durable = asyncio.get_running_loop().create_future()
                group.members.append((transaction, durable))
                break
            except Interrupted:
                group.is_closed = True
            finally:
                self._pass_turn()
            await self._take_turn(first=True)
        await durable
        return Committed(value, transaction.timestamp)

    async def close(self) -> None:
        """Finish what is under way and close the connection."""
        self._closed = True
        await self._take_turn()
        self._pass_turn()
        if self._committing is not None:
            await self._committing
        self.discard()

    def discard(self) -> None:
        """Close the connection, whatever is under way."""
        self._closed = True
        self._thread.shutdown()
        self._connection.close()

    async def _run(
        self, group: _Group, work: Callable[[WriteTransaction], Awaitable[T]]
    ) -> tuple[T, SqliteWriteTransaction]:
        execute = self._cursor.execute
        before = self._last_timestamp
        timestamp = max(self._clock(), before + _TICK)
        transaction = SqliteWriteTransaction(self._cursor, self._statements, timestamp)
        execute("SAVEPOINT member")
        try:
            try:
                with group.interruptible():
                    value = await work(transaction)
            finally:
                group.running = None
            transaction.require_intact()
            execute("RELEASE member")
        except BaseException:
            if self._connection.get_autocommit():
                self._abandon(group)
            else:
                execute("ROLLBACK TO member")
                execute("RELEASE member")
            raise
        if transaction.has_writes:
            group.has_writes = True
            # The next transaction's creation times must come after those of this one.
            self._last_timestamp = max(timestamp, int(transaction.last_creation_time * 1e6))
        else:
            transaction.timestamp = before
        return value, transaction

    async def _take_turn(self, *, first: bool = False) -> None:
        """Wait until nothing else runs; ``first``: ahead of all others that wait."""
        if not self._busy:
            self._busy = True
            return
        turn = asyncio.get_running_loop().create_future()
        if first:
            self._waiting.appendleft(turn)
        else:
            self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._pass_turn()
            raise

    def _pass_turn(self) -> None:
        """Let the next transaction run, or commit the group when it is time to."""
        group = self._group
        if self._has_waiting() and not (group and self._is_full(group)):
            self._waiting.popleft().set_result(None)
        elif group is not None:
            self._committing = asyncio.get_running_loop().create_task(self._commit(group))
        else:
            self._busy = False

    def _has_waiting(self) -> bool:
        waiting = self._waiting
        while waiting and waiting[0].done():
            waiting.popleft()
        return bool(waiting)

    def _is_full(self, group: _Group) -> bool:
        age = asyncio.get_running_loop().time() - group.started
        is_large = len(group.members) >= _MAX_GROUP_SIZE
        return group.is_closed or is_large or age > _MAX_GROUP_SECONDS

    async def _open_group(self) -> _Group:
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
        self._group = group = _Group(loop.time())
        return group

    async def _commit(self, group: _Group) -> None:
        if self._has_waiting() and not self._is_full(group):
            # Transactions of the same turn of the event loop arrived: they join the group.
            self._waiting.popleft().set_result(None)
            return
        if group.timer is not None:
            group.timer.cancel()
        try:
            if group.has_writes:
                loop = asyncio.get_running_loop()
                started = loop.time()
                if self.waits_for_disk:
                    await loop.run_in_executor(self._thread, self._commit_durably, group)
                else:
                    self._commit_durably(group)
                self._durable(len(group.members), loop.time() - started)
            else:
                self._cursor.execute("ROLLBACK")
        except Exception:
            _log.exception("A group of %d transactions could not be committed", len(group.members))
            if not self._connection.get_autocommit():
                self._cursor.execute("ROLLBACK")
            self._abandon(group)
        else:
            if group.has_writes:
                self._feed.publish(group.transactions, self._last_timestamp)
            for _, durable in group.members:
                if not durable.done():
                    durable.set_result(None)
        self._group = None
        self._pass_turn()

    def _commit_durably(self, group: _Group) -> None:
        self._feed.record(self._cursor, group.transactions, self._last_timestamp)
        self._cursor.execute(sql.SET_TIMESTAMP, (self._last_timestamp,))
        self._cursor.execute("COMMIT")

    def _abandon(self, group: _Group) -> None:
        """Tell all members that SQLite undid everything, as it does when the disk is full."""
        for _, durable in group.members:
            if not durable.done():
                durable.set_exception(
                    OverloadedError(
                        "the transaction could not be made durable and was undone; "
                        "the log of the backend names the cause"
                    )
                )
        group.members.clear()
        self._group = None
