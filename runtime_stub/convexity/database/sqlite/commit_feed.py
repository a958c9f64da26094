"""Telling listeners of every commit to the file, once and in order, whichever process made it.

Each group of transactions that is committed leaves a row with the keys it wrote. A process reads
the rows of others in three places: when it begins to write, before a cached result is trusted, and
at short intervals while nothing happens. What it finds is only the newest time, unless there is
something to read: that costs microseconds, and unlike a notification file it cannot be missed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import apsw

from convexity.database.engine import Commit
from convexity.database.ranges import WriteSet
from convexity.database.sqlite import statements as sql
from convexity.database.sqlite.snapshot import read_timestamp
from convexity.database.write_log import decode_writes, encode_writes

if TYPE_CHECKING:
    from convexity.database.sqlite.snapshot import SqliteWriteTransaction

WATCH_INTERVAL: Final = 0.02
"""Seconds between looks for what other processes committed."""
LOG_RETENTION: Final = 15.0
"""Seconds for which rows are kept; a process that slept longer takes everything as changed."""
ANSWER_RETENTION: Final = 24 * 3600.0
"""Seconds for which answers are kept for clients that ask again."""
TRIM_INTERVAL: Final = 5.0
"""Least seconds between deletions of old rows."""

_NANOSECONDS: Final = 1_000_000_000

_log = logging.getLogger(__name__)


class CommitFeed:
    """Knows up to which time listeners were told, and tells them more."""

    def __init__(self, connection: apsw.Connection, notify: Callable[[Commit], None]) -> None:
        """Take a connection that reads, used by nobody else, and what tells the listeners."""
        self._connection = connection
        self._cursor = connection.cursor()
        self._notify = notify
        self._trimmed = 0
        self.frontier = read_timestamp(self._cursor)
        """Time up to which listeners know of every commit."""

    def is_current(self) -> bool:
        """Whether nothing was committed after :attr:`frontier`."""
        return read_timestamp(self._cursor) <= self.frontier

    def table_numbers(self) -> dict[str, int]:
        """Numbers of all tables there ever were, by qualified name."""
        rows: list[Any] = self._cursor.execute(sql.TABLE_NUMBERS).fetchall()
        return dict(rows)

    def read_foreign(self, cursor: apsw.Cursor | None = None) -> None:
        """Tell of what other processes committed.

        Args:
            cursor: Reads within its transaction, which sees no commit of this process that was not
                published; default, whatever is committed.
        """
        found = (cursor or self._cursor).execute(sql.COMMITS_AFTER, (self.frontier,))
        rows: list[Any] = found.fetchall()
        for timestamp, previous, writes in rows:
            is_complete = previous == self.frontier and writes is not None
            commit = Commit(
                timestamp, decode_writes(writes) if is_complete else WriteSet(), is_complete
            )
            self.frontier = timestamp
            self._notify(commit)

    def publish(self, transactions: Sequence[SqliteWriteTransaction], timestamp: int) -> None:
        """Tell of a group of transactions of this process, which is durable now."""
        self.frontier = timestamp
        for transaction in transactions:
            if transaction.has_writes:
                self._notify(
                    Commit(
                        transaction.timestamp,
                        transaction.write_set,
                        is_complete=transaction.has_all_keys,
                    )
                )

    def record(
        self, cursor: apsw.Cursor, transactions: Sequence[SqliteWriteTransaction], timestamp: int
    ) -> None:
        """Leave the row of a group in its transaction, and delete rows that are old."""
        writes = WriteSet()
        for transaction in transactions:
            for (table, index), keys in transaction.write_set.keys.items():
                for key in keys:
                    writes.add(table, index, key)
        is_complete = all(transaction.has_all_keys for transaction in transactions)
        encoded = encode_writes(writes) if is_complete else None
        cursor.execute(sql.COMMIT_ADD, (timestamp, self.frontier, encoded))
        if timestamp - self._trimmed > TRIM_INTERVAL * _NANOSECONDS:
            self._trimmed = timestamp
            for statement, seconds in (
                (sql.COMMITS_TRIM, LOG_RETENTION),
                (sql.ANSWERS_TRIM, ANSWER_RETENTION),
            ):
                cursor.execute(statement, (timestamp - int(seconds * _NANOSECONDS),))

    async def watch(self, settle: Callable[[], Awaitable[None]]) -> None:
        """Look at intervals, for ever."""
        while True:
            await asyncio.sleep(WATCH_INTERVAL)
            try:
                await settle()
            except apsw.Error:
                _log.exception("Commits of other processes cannot be read")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
