"""Reading and writing through one connection inside a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import apsw

from convexity.database.engine import (
    IndexChange,
    Order,
    RecordedAnswer,
    RequestKey,
    TextChange,
    TextRequest,
    VectorChange,
)
from convexity.database.identifiers import quoted
from convexity.database.ranges import NoKeys, WriteSet
from convexity.database.sqlite import statements as sql
from convexity.database.sqlite import text_search, vector_search
from convexity.database.sqlite.off_loop import off_loop
from convexity.database.sqlite.text_search import FEW, TextSearch
from convexity.errors import NumberTakenError, OverloadedError
from convexity.values.ordering import encode_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from convexity.database.ranges import IndexName
    from convexity.database.sqlite.statements import Statements
    from convexity.database.tables import Index, SearchIndex, Table, VectorIndex
    from convexity.search.ranking import Match

T = TypeVar("T")


class SqliteSnapshot:
    """A connection inside a read transaction.

    Most statements run on the event loop: they take microseconds, a thread would take longer.
    """

    __slots__ = ("_cursor", "_is_shared", "_statements", "timestamp")

    def __init__(
        self,
        cursor: apsw.Cursor,
        statements: Statements,
        timestamp: int,
        *,
        is_shared: bool = False,
    ) -> None:
        """Take a cursor of the connection.

        Args:
            cursor: Used by nobody else.
            statements: Of the deployment.
            timestamp: Time of the state that is seen, nanoseconds since the epoch.
            is_shared: Whether others use the connection meanwhile.
        """
        self._cursor = cursor
        self._statements = statements
        self._is_shared = is_shared
        self.timestamp = timestamp

    def writer(self) -> SqliteWriteTransaction | None:
        """This snapshot as one that can be written, if it can."""
        return None

    async def get(self, table: Table, document_id: str, /) -> str | None:
        """Text of a document, or ``None``."""
        statement = self._statements.tables[table.storage].get
        return _first(self._all(statement, document_id))

    async def get_many(self, table: Table, document_ids: Sequence[str], /) -> Sequence[str | None]:
        """Texts of documents of one table, in the order asked for."""
        statement = self._statements.tables[table.storage].get
        return [_first(self._all(statement, document_id)) for document_id in document_ids]

    async def count(self, table: Table, /) -> int:
        """Number of documents of a table."""
        statement = self._statements.tables[table.storage].size
        found = await self._long(lambda: self._all(statement))
        number: int = found[0][0]
        return number

    async def scan(
        self, index: Index, lower: bytes, upper: bytes, /, *, order: Order, limit: int
    ) -> Sequence[tuple[bytes, str]]:
        """Keys and document texts of at most ``limit`` entries with ``lower <= key < upper``."""
        statements = self._statements.indexes[index.storage]
        statement = statements.ascending if order == "asc" else statements.descending
        bound = statements.bound
        if bound is None:
            return self._all(statement, lower, upper, limit)
        rows = self._all(statement, bound(lower), bound(upper), limit)
        return [(encode_key((document_id,)), text) for document_id, text in rows]

    async def search(
        self, index: SearchIndex, request: TextRequest, /, *, limit: int
    ) -> Sequence[Match]:
        """Documents that match, in no particular order."""
        search = TextSearch(self._cursor, self._statements.texts[index.storage], request)
        few = min(FEW, limit)
        found = search.newest(few + 1)
        if len(found) <= few:
            return found
        return await self._long(lambda: search.rarest(limit))

    async def documents_at(self, table: Table, positions: Sequence[int], /) -> Sequence[str | None]:
        """Texts of documents at positions, in the order asked for."""
        statement = self._statements.tables[table.storage].at
        return [_first(self._all(statement, position)) for position in positions]

    async def nearest(
        self,
        index: VectorIndex,
        vector: bytes,
        any_of: Sequence[tuple[int, bytes]],
        /,
        *,
        limit: int,
    ) -> Sequence[tuple[str, float]]:
        """Ids and cosine similarities of the documents nearest to a vector, nearest first."""
        statements = self._statements.vectors[index.storage]
        cursor = self._cursor
        return await self._long(
            lambda: vector_search.nearest(cursor, statements, vector, any_of, limit)
        )

    async def removed_tables(self) -> Mapping[str, int]:
        """Tables that are in no schema any more, with their numbers of documents."""

        def count() -> dict[str, int]:
            return {
                name: self._all(f"SELECT count(*) FROM {quoted(storage)}")[0][0]
                for name, storage in self._all(sql.REMOVED_TABLES)
            }

        return await self._long(count)

    async def removed_texts(self, name: str, /) -> Sequence[str]:
        """Texts of the documents of such a table."""
        statement = f"SELECT doc FROM {self._removed(name)}"
        return [text for (text,) in await self._long(lambda: self._all(statement))]

    def _removed(self, name: str) -> str:
        """The storage of a table that is in no schema any more, as SQL names it."""
        return next(
            quoted(storage) for own, storage in self._all(sql.REMOVED_TABLES) if own == name
        )

    async def meta_get(self, key: str, /) -> str | None:
        """Value that the runtime keeps for itself under ``key``."""
        return _first(self._all(sql.META_GET, key))

    async def _long(self, work: Callable[[], T]) -> T:
        """Run what may take long: in a thread, during which nobody else can use the connection."""
        return work() if self._is_shared else await off_loop(self._cursor.connection, work)

    def _all(self, statement: str, *bindings: str | bytes | int) -> list[Any]:
        return self._cursor.execute(statement, bindings).fetchall()


class SqliteWriteTransaction(SqliteSnapshot):
    """One of the transactions that are committed together."""

    __slots__ = (
        "_lost",
        "_savepoints",
        "has_all_keys",
        "has_writes",
        "is_last",
        "last_creation_time",
        "write_set",
    )

    def __init__(self, cursor: apsw.Cursor, statements: Statements, timestamp: int) -> None:
        super().__init__(cursor, statements, timestamp)
        self.write_set = WriteSet()
        self.has_all_keys = True
        """Whether the write set holds everything that was written."""
        self.has_writes = False
        """Whether anything was written, be it rolled back or not part of the write set."""
        self.is_last = False
        """Whether others must wait until it is committed, even if they see what it wrote."""
        self.last_creation_time = 0.0
        """Largest ``_creationTime`` written, milliseconds since the epoch."""
        self._lost = False
        self._savepoints: list[Mapping[IndexName, int]] = []

    def writer(self) -> SqliteWriteTransaction:
        """This transaction."""
        return self

    async def write(
        self,
        table: Table,
        document_id: str,
        text: str | None,
        creation_time: float,
        changes: Sequence[IndexChange],
        /,
        *,
        texts: Sequence[TextChange] = (),
        vectors: Sequence[VectorChange] = (),
    ) -> None:
        """Store or delete a document with its index entries."""
        execute = self._change
        documents = self._statements.tables[table.storage]
        if creation_time > self.last_creation_time:
            self.last_creation_time = creation_time
        position: int | None = None
        if texts or vectors:
            found = self._all(documents.position, document_id)
            position = found[0][0] if found else None
        if text is None:
            execute(documents.delete, document_id)
        elif all(change.before is None for change in changes):
            execute(documents.insert, document_id, creation_time, text)
            position = self._cursor.connection.last_insert_rowid()
        else:
            execute(documents.update, text, document_id)
        for index, before, after in changes:
            if before is not None:
                self.write_set.add(table.qualified_name, index.name, before)
            if before == after:
                continue
            if after is not None:
                self.write_set.add(table.qualified_name, index.name, after)
            entries = self._statements.indexes[index.storage]
            if entries.bound is not None:
                continue
            if before is not None:
                execute(entries.delete, before)
            if after is not None:
                if position is None:
                    position = self._all(documents.position, document_id)[0][0]
                execute(entries.insert, after, position)
        if position is not None:
            self._change_texts(table, position, texts)
            self._change_vectors(position, vectors)

    def _change_texts(self, table: Table, position: int, changes: Sequence[TextChange]) -> None:
        for index, before, after, keys in changes:
            for key in keys:
                self.write_set.add(table.qualified_name, index.name, key)
            statements = self._statements.texts[index.storage]
            if before is not None:
                self._change(statements.delete, position)
            if after is not None:
                self._change(statements.insert, *text_search.text_row(position, after))

    def _change_vectors(self, position: int, changes: Sequence[VectorChange]) -> None:
        for index, before, after in changes:
            statements = self._statements.vectors[index.storage]
            vector_search.change(self._change, statements, position, before, after)

    async def meta_set(self, key: str, value: str | None, /) -> None:
        """Keep ``value`` under ``key``; ``None`` removes it."""
        if value is None:
            self._change(sql.META_DELETE, key)
        else:
            self._change(sql.META_SET, key, value)

    async def answer_get(self, request: RequestKey, /) -> RecordedAnswer | None:
        """What :meth:`answer_set` kept for a request, unless it is too old."""
        rows = self._all(sql.ANSWER_GET, *request)
        return RecordedAnswer(*rows[0]) if rows else None

    async def answer_set(self, request: RequestKey, answer: str, /) -> None:
        """Keep the answer to a request of a client."""
        self._change(sql.ANSWER_ADD, self.timestamp, *request, answer)

    async def clear_removed(self, name: str, /) -> int:
        """Delete the documents of a table that is in no schema any more."""
        statement = f"DELETE FROM {self._removed(name)}"

        def delete() -> int:
            self._change(statement)
            return self._cursor.connection.changes()

        return await off_loop(self._cursor.connection, delete, writes=True)

    async def renumber(self, numbers: Mapping[str, int], /) -> None:
        """Give tables other numbers; see :meth:`WriteTransaction.renumber`."""
        self.note_no_keys()
        self.is_last = True
        rows = self._all('SELECT name, number, storage FROM "_convexity_tables"')
        tables = {name: (number, storage) for name, number, storage in rows}
        wanted = {name: new for name, new in numbers.items() if tables[name][0] != new}
        free = 1 + max([*(number for number, _ in tables.values()), *numbers.values()])
        for name, (number, storage) in tables.items():
            if number in wanted.values() and name not in wanted:
                if self._all(f"SELECT 1 FROM {quoted(storage)} LIMIT 1"):
                    raise NumberTakenError(name, number)
                wanted[name], free = free, free + 1
        for name in wanted:  # Numbers may be exchanged; no two tables have one at any time.
            self._change(sql.SET_TABLE_NUMBER, -tables[name][0], name)
        for name, number in wanted.items():
            self._change(sql.SET_TABLE_NUMBER, number, name)

    def note_no_keys(self) -> None:
        """Note from now on only that something is written."""
        self.write_set = NoKeys()
        self.has_all_keys = False

    async def savepoint(self) -> int:
        """Open a nested transaction."""
        self.require_intact()
        depth = len(self._savepoints)
        self._cursor.execute(f"SAVEPOINT nested_{depth}")
        self._savepoints.append(self.write_set.mark())
        return depth

    async def release(self, savepoint: int, /) -> None:
        """Keep what was written since the savepoint."""
        self.require_intact()
        self._cursor.execute(f"RELEASE nested_{savepoint}")
        del self._savepoints[savepoint:]

    async def rollback(self, savepoint: int, /) -> None:
        """Undo what was written since the savepoint."""
        if not self._lost:
            self._cursor.execute(f"ROLLBACK TO nested_{savepoint}")
            self._cursor.execute(f"RELEASE nested_{savepoint}")
        self.write_set.roll_back(self._savepoints[savepoint])
        del self._savepoints[savepoint:]

    def require_intact(self) -> None:
        """Refuse to go on if SQLite undid everything.

        Raises:
            OverloadedError: it did.
        """
        if self._lost:
            raise OverloadedError("the transaction was undone because a write failed")

    def _change(self, statement: str, *bindings: str | bytes | float) -> None:
        """Run a statement that writes.

        When the disk is full, SQLite undoes the whole transaction; what the function, which may
        catch the error, writes afterwards would be committed at once.
        """
        self.require_intact()
        self.has_writes = True
        try:
            self._cursor.execute(statement, bindings)
        except apsw.Error as error:
            self._lost = self._cursor.connection.get_autocommit()
            if isinstance(error, apsw.FullError):
                raise OverloadedError(f"nothing can be written: {error}") from error
            raise


def _first(rows: list[Any]) -> str | None:
    return rows[0][0] if rows else None


def read_timestamp(cursor: apsw.Cursor) -> int:
    """Time of the newest commit that the cursor's transaction sees."""
    rows: list[Any] = cursor.execute(sql.TIMESTAMP).fetchall()
    timestamp: int = rows[0][0]
    return timestamp
