"""The one writer of a process.

Transactions of a group read one snapshot, and what they write is kept in memory. The commit takes
the lock that all processes share, compares what was read with what others committed since the
snapshot, and stores everything with one statement, at a time after all other commits. Because the
lock is held until the commit is visible, the order of times is the order of commits, and a group
that commits has seen what it would have seen at that time.

After a conflict, the next group takes the lock first, so that its snapshot cannot become old.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeVar

import asyncpg  # type: ignore[import-untyped]

from convexity.database.group_commit import TICK, Group, GroupCommit, Undone
from convexity.database.interruption import Interrupted
from convexity.database.postgres import statements as sql
from convexity.database.postgres.connection import LOCK_TIMEOUT, LOST, connect
from convexity.database.postgres.flush import CommitRow, Flush
from convexity.database.postgres.pending import Pending
from convexity.database.postgres.snapshot import Reader
from convexity.database.postgres.transaction import PostgresWriteTransaction
from convexity.database.ranges import WriteSet
from convexity.database.write_log import decode_writes, encode_writes
from convexity.errors import OverloadedError, SupersededError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from convexity.database.engine import WriteTransaction
    from convexity.database.postgres.address import PostgresAddress
    from convexity.database.postgres.commit_feed import CommitFeed
    from convexity.database.postgres.connection import Connection
    from convexity.database.postgres.readers import ReaderPool
    from convexity.database.postgres.statements import Statements

T = TypeVar("T")

_ABANDONED: Final = "15s"
"""After this time without a word from who holds the lock, the server ends its transaction."""
_MOST_CAUTION: Final = 32
"""Groups that take the lock first after conflicts in a row."""
_RESOLVE_TIMEOUT: Final = 30.0
"""Seconds to find out whether a commit happened whose answer was lost."""
_LONGEST_PAUSE: Final = 1.0
"""Between attempts to reach the database, in seconds."""


class _LostError(OverloadedError):
    """There is no connection, and nothing was committed."""


class PostgresGroup(Group[PostgresWriteTransaction]):
    """A group with the snapshot that its transactions read."""

    __slots__ = ("is_locked", "pending", "reader", "snapshot")

    def __init__(self, started: float, reader: Reader, snapshot: int, *, is_locked: bool) -> None:
        super().__init__(started)
        self.reader = reader
        self.snapshot = snapshot
        """Time of the state that is read."""
        self.is_locked = is_locked
        """Whether no other process can commit meanwhile."""
        self.pending = Pending()


class PostgresGroupCommit(GroupCommit[PostgresWriteTransaction]):
    """Owner of the connection that writes."""

    _group: PostgresGroup | None

    def __init__(
        self,
        address: PostgresAddress,
        statements: Statements,
        clock: Callable[[], int],
        readers: ReaderPool,
        feed: CommitFeed,
        durable: Callable[[int, float], None],
        *,
        lock: int,
        channel: str,
        digest: str,
    ) -> None:
        """Begin without a connection.

        Args:
            address: Of the database.
            statements: Of the deployment.
            clock: Nanoseconds since the epoch; it may stand still or go back.
            readers: Connections that read.
            feed: Is told of each group that wrote, and tells of those of other processes.
            durable: Is told the size of each group that wrote, and the seconds it took to commit.
            lock: Number of the lock that commits take.
            channel: On which commits are notified.
            digest: Of the schema that was deployed; under another one, nothing is written.
        """
        super().__init__(durable)
        self._address = address
        self._statements = statements
        self._clock = clock
        self._readers = readers
        self._feed = feed
        self._begin = f"BEGIN; SELECT pg_advisory_xact_lock({lock})"
        self._channel = channel
        self._digest = digest
        self._connection: Connection | None = None
        self._caution = 0
        """Groups that take the lock first from now on."""
        self._conflicts = 0
        """Conflicts since a group that was committed without taking the lock first."""
        self._last_timestamp = 0
        """Of the newest transaction that ran, committed or not."""
        self._down_since: float | None = None
        self.is_superseded = False
        """Whether another version of the schema was found to be deployed."""

    async def close(self) -> None:
        """Finish what is under way and close the connection."""
        await super().close()
        if self._connection is not None:
            await _quietly(self._connection.close(timeout=1))

    async def _open_group(self) -> PostgresGroup:
        loop = asyncio.get_running_loop()
        pause = 0.02
        while True:
            try:
                group = await self._begin_group()
                self._down_since = None
                return group
            except OverloadedError:
                if self._down_since is None:
                    self._down_since = loop.time()
                if loop.time() - self._down_since > LOCK_TIMEOUT or self._closed:
                    raise
            await asyncio.sleep(pause * random.uniform(0.5, 1))
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _begin_group(self) -> PostgresGroup:
        is_locked = self._caution > 0
        if is_locked:
            await self._lock()
        connection, snapshot = await self._readers.take()
        try:
            if snapshot > self._feed.frontier:
                await self._feed.read_from(connection)
        except LOST as error:
            self._readers.drop(connection)
            raise OverloadedError(f"the connection to the database was lost: {error}") from error
        except BaseException:
            self._readers.drop(connection)
            raise
        self._last_timestamp = max(self._last_timestamp, snapshot)
        started = asyncio.get_running_loop().time()
        return PostgresGroup(started, Reader(connection), snapshot, is_locked=is_locked)

    async def _run(
        self,
        group: Group[PostgresWriteTransaction],
        work: Callable[[WriteTransaction], Awaitable[T]],
    ) -> tuple[T, PostgresWriteTransaction]:
        assert isinstance(group, PostgresGroup)
        reader, pending = group.reader, group.pending
        timestamp = max(self._clock(), self._last_timestamp + TICK)
        transaction = PostgresWriteTransaction(reader, self._statements, pending, timestamp)
        mark = pending.mark()
        try:
            with self._limit(group):
                value = await work(transaction)
            transaction.require_intact()
            group.is_closed |= transaction.is_last
        except BaseException as error:
            pending.roll_back(mark)
            group.is_closed |= reader.is_broken or isinstance(error, Interrupted)
            if reader.is_lost and isinstance(error, Exception):
                raise Interrupted from error
            raise
        if transaction.has_writes:
            # The next transaction's creation times must come after those of this one.
            self._last_timestamp = max(timestamp, int(transaction.last_creation_time * 1e6))
        else:
            transaction.timestamp = group.snapshot
        return value, transaction

    async def _end(self, group: Group[PostgresWriteTransaction]) -> None:
        assert isinstance(group, PostgresGroup)
        reader = group.reader
        self._readers.give_back(reader.connection, is_broken=reader.is_broken)
        try:
            if group.has_writes:
                await self._commit_durably(group)
            elif group.is_locked:
                await self._roll_back()
        except (_LostError, *LOST) as error:
            self._drop_connection()
            raise Undone(f"the connection to the database was lost: {error}") from error
        except (
            asyncpg.TransactionRollbackError,
            asyncpg.UniqueViolationError,
            asyncpg.LockNotAvailableError,
        ) as error:
            await self._roll_back()
            self._met_conflict()
            raise Undone(str(error)) from error
        except BaseException:
            await self._roll_back()
            raise

    async def _commit_durably(self, group: PostgresGroup) -> None:
        if not group.is_locked:
            await self._lock()
        connection = self._connection
        if connection is None or not connection.is_in_transaction():
            raise Undone("the connection that held the lock was lost")
        rows = await connection.fetch(sql.COMMITS_FROM, group.snapshot, self._digest)
        if not rows and await connection.fetchval(sql.SCHEMA_DIGEST) != self._digest:
            self.is_superseded = True
            raise SupersededError(
                "another version of the schema was deployed to the database, which this process "
                "does not know; start it again with that version"
            )
        if not group.is_locked and self._conflicts_with(group, rows):
            await self._roll_back()
            self._met_conflict()
            raise Undone("other processes changed what was read")
        if rows and rows[-1]["timestamp"] > self._feed.frontier:
            await self._feed.read_from(connection)
        previous = rows[-1]["timestamp"] if rows else 0
        position = rows[-1]["position"] if rows else 0
        timestamp = previous
        flush = Flush(self._statements)
        for transaction in group.transactions:
            if transaction.has_writes:
                timestamp = max(transaction.timestamp, timestamp + TICK)
            transaction.timestamp = timestamp
        position = flush.add(group.pending, position + 1) - 1
        flush.add_answers(
            [
                (*request, transaction.timestamp, answer)
                for request, (transaction, answer) in group.pending.answers.items()
            ]
        )
        origin = secrets.token_bytes(8)
        row = CommitRow(timestamp, previous, position, origin, _encoded_writes(group))
        await flush.run(connection, row, self._channel)
        numbers = None
        if not all(transaction.has_all_keys for transaction in group.transactions):
            numbers = dict(await connection.fetch(sql.TABLE_NUMBERS))
        await self._feed.trim(connection, timestamp)
        self._feed.begin_own(timestamp)
        try:
            await connection.execute("COMMIT")
        except BaseException as error:
            if not await self._happened(error, timestamp, origin):
                self._feed.end_own(None)
                raise
        self._last_timestamp = max(self._last_timestamp, timestamp)
        self._feed.end_own(group.transactions, numbers)
        if group.is_locked:
            self._caution -= 1
        else:
            self._conflicts = 0

    def _conflicts_with(self, group: PostgresGroup, rows: Sequence[Any]) -> bool:
        """Whether a commit since the snapshot may have changed what the group read."""
        previous = group.snapshot
        for timestamp, before, writes, _ in rows:
            if timestamp == group.snapshot:
                continue
            if before != previous or writes is None:
                return True
            previous = timestamp
            decoded = decode_writes(writes)
            if any(t.read_set.intersects(decoded) for t in group.transactions):
                return True
        return False

    def _met_conflict(self) -> None:
        self._conflicts += 1
        self._caution = min(2**self._conflicts // 2, _MOST_CAUTION)

    async def _lock(self) -> None:
        """Begin to write, as soon as no other process does.

        Raises:
            OverloadedError: that takes too long, or the database cannot be reached.
        """
        for is_last in (False, True):
            connection = await self._connected()
            try:
                await connection.execute(self._begin)
                return
            except asyncpg.LockNotAvailableError as error:
                await self._roll_back()
                raise OverloadedError(
                    f"another process has locked the database for {LOCK_TIMEOUT:.0f} s"
                ) from error
            except LOST as error:
                self._drop_connection()
                if is_last:
                    raise _LostError(f"the connection to the database was lost: {error}") from error
            except BaseException:
                self._drop_connection()
                raise

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            try:
                self._connection = await connect(
                    self._address,
                    idle_in_transaction_session_timeout=_ABANDONED,
                    statement_timeout="0",  # What is stored at once may be much.
                )
            except OverloadedError as error:
                raise _LostError(str(error)) from error
        return self._connection

    async def _roll_back(self) -> None:
        connection = self._connection
        if connection is not None and not connection.is_closed() and connection.is_in_transaction():
            try:
                await connection.execute("ROLLBACK")
            except LOST:
                self._drop_connection()

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def _happened(self, error: BaseException, timestamp: int, origin: bytes) -> bool:
        """Whether a commit happened in spite of an error.

        Raises:
            OverloadedError: that cannot be found out in time.
        """
        if not isinstance(error, LOST):
            return False
        try:
            return await self._is_in_log(timestamp, origin)
        except BaseException as lost:
            self._feed.end_own(None)
            raise OverloadedError(
                "the connection to the database was lost during a commit, and it cannot be reached "
                "again to see whether the commit happened"
            ) from lost

    async def _is_in_log(self, timestamp: int, origin: bytes) -> bool:
        self._drop_connection()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _RESOLVE_TIMEOUT
        while True:
            try:
                # The lock comes free when the transaction in question has ended.
                await self._lock()
                connection = await self._connected()
                found = await connection.fetchval(sql.COMMIT_EXISTS, timestamp, origin)
                await self._roll_back()
                return bool(found)
            except (OverloadedError, *LOST):
                self._drop_connection()
                if loop.time() > deadline:
                    raise
            await asyncio.sleep(random.uniform(0.1, 0.5))


def _encoded_writes(group: PostgresGroup) -> bytes | None:
    """The keys that a group wrote; ``None`` if they are too many."""
    if not all(transaction.has_all_keys for transaction in group.transactions):
        return None
    writes = WriteSet()
    for transaction in group.transactions:
        for (table, index), keys in transaction.write_set.keys.items():
            for key in keys:
                writes.add(table, index, key)
    return encode_writes(writes)


async def _quietly(closing: Awaitable[object]) -> None:
    try:
        await closing
    except (TimeoutError, *LOST):
        return
