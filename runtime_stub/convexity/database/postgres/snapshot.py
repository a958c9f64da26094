"""Reading through one connection inside a transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from convexity.database.identifiers import quoted
from convexity.database.postgres import statements as sql
from convexity.database.postgres import vector_search
from convexity.database.postgres.connection import LOST, failures
from convexity.database.postgres.statements import KEY_LENGTH, id_bound
from convexity.database.postgres.text_search import FEW, TextSearch
from convexity.values.ordering import encode_key

if TYPE_CHECKING:
    from convexity.database.engine import Order, TextRequest, WriteTransaction
    from convexity.database.postgres.connection import Connection
    from convexity.database.postgres.statements import Statements
    from convexity.database.tables import Index, SearchIndex, Table, VectorIndex
    from convexity.search.ranking import Match


class Reader:
    """A connection inside a transaction that reads one state."""

    __slots__ = ("_lock", "connection", "is_broken", "is_lost")

    def __init__(self, connection: Connection, *, is_shared: bool = False) -> None:
        """Take the connection.

        Args:
            connection: Used by nobody else.
            is_shared: Whether several may read at the same time, so that the cancellation of one
                must not end the transaction.
        """
        self.connection = connection
        self.is_broken = False
        """Whether the transaction can read no more."""
        self.is_lost = False
        """Whether that is because the connection is gone."""
        self._lock = asyncio.Lock() if is_shared else None

    async def fetch(self, statement: str, *bindings: Any) -> Sequence[Any]:
        """Run a statement; its rows."""
        if self._lock is None:
            return await self._fetch(statement, bindings)
        async with self._lock:
            reading = asyncio.ensure_future(self._fetch(statement, bindings))
            try:
                return await asyncio.shield(reading)
            except asyncio.CancelledError:
                await asyncio.wait([reading])
                raise

    async def _fetch(self, statement: str, bindings: Sequence[Any]) -> Sequence[Any]:
        try:
            with failures():
                rows: Sequence[Any] = await self.connection.fetch(statement, *bindings)
                return rows
        except BaseException as error:
            self.is_broken = True
            self.is_lost = isinstance(error.__cause__, LOST)
            raise


class Entry(NamedTuple):
    """An index entry with its document."""

    key: bytes
    position: int
    document_id: str
    text: str


class PostgresSnapshot:
    """One state of the database."""

    __slots__ = ("_fetch", "_statements", "timestamp")

    def __init__(self, reader: Reader, statements: Statements, timestamp: int) -> None:
        """Take what reads.

        Args:
            reader: Of the state.
            statements: Of the deployment.
            timestamp: Time of the state that is seen, nanoseconds since the epoch.
        """
        self._fetch = reader.fetch
        self._statements = statements
        self.timestamp = timestamp

    def writer(self) -> WriteTransaction | None:
        """This snapshot as one that can be written, if it can."""
        return None

    async def get(self, table: Table, document_id: str, /) -> str | None:
        """Text of a document, or ``None``."""
        rows = await self._fetch(self._statements.tables[table.storage].get, document_id)
        return rows[0][1] if rows else None

    async def get_many(self, table: Table, document_ids: Sequence[str], /) -> Sequence[str | None]:
        """Texts of documents of one table, in the order asked for."""
        statement = self._statements.tables[table.storage].get_many
        found = {row[0]: row[2] for row in await self._fetch(statement, document_ids)}
        return [found.get(document_id) for document_id in document_ids]

    async def count(self, table: Table, /) -> int:
        """Number of documents of a table."""
        rows = await self._fetch(self._statements.tables[table.storage].size)
        number: int = rows[0][0]
        return number

    async def scan(
        self, index: Index, lower: bytes, upper: bytes, /, *, order: Order, limit: int
    ) -> Sequence[tuple[bytes, str]]:
        """Keys and document texts of at most ``limit`` entries with ``lower <= key < upper``."""
        entries = await self.entries(index, lower, upper, order, limit)
        return [(entry.key, entry.text) for entry in entries]

    async def entries(
        self, index: Index, lower: bytes, upper: bytes, order: Order, limit: int
    ) -> list[Entry]:
        """At most ``limit`` entries of an index with ``lower <= key < upper``."""
        statements = self._statements.indexes[index.storage]
        is_ascending = order == "asc"
        short = statements.ascending if is_ascending else statements.descending
        if statements.is_by_id:
            rows = await self._fetch(short, id_bound(lower), id_bound(upper), limit)
            return [Entry(encode_key((row[0],)), row[1], row[0], row[2]) for row in rows]
        if len(lower) <= KEY_LENGTH and len(upper) <= KEY_LENGTH:
            rows = await self._fetch(short, lower, upper, limit)
            if all(len(row[0]) < KEY_LENGTH for row in rows):
                return [Entry(row[0], row[2], row[3], row[4]) for row in rows]
        long = statements.long_ascending if is_ascending else statements.long_descending
        (first, first_tail), (last, last_tail) = split_key(lower), split_key(upper)
        rows = await self._fetch(long, first, last, limit, first_tail or b"", last_tail or b"")
        return [Entry(row[0] + (row[1] or b""), row[2], row[3], row[4]) for row in rows]

    async def search(
        self, index: SearchIndex, request: TextRequest, /, *, limit: int
    ) -> Sequence[Match]:
        """Documents that match, in no particular order."""
        search = TextSearch(self._fetch, self._statements.texts[index.storage], request)
        few = min(FEW, limit)
        found = await search.newest(few + 1)
        return found if len(found) <= few else await search.rarest(limit)

    async def documents_at(self, table: Table, positions: Sequence[int], /) -> Sequence[str | None]:
        """Texts of documents at positions, in the order asked for."""
        statement = self._statements.tables[table.storage].at
        found = {row[0]: row[2] for row in await self._fetch(statement, positions)}
        return [found.get(position) for position in positions]

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
        return await vector_search.nearest(self._fetch, statements, vector, any_of, limit)

    async def removed_tables(self) -> Mapping[str, int]:
        """Tables that are in no schema any more, with their numbers of documents."""
        return {
            name: (await self._fetch(f"SELECT count(*) FROM {quoted(storage)}"))[0][0]
            for name, storage in await self._fetch(sql.REMOVED_TABLES)
        }

    async def removed_texts(self, name: str, /) -> Sequence[str]:
        """Texts of the documents of such a table."""
        storage = quoted(await self.removed_storage(name))
        return [text for (text,) in await self._fetch(f"SELECT doc FROM {storage}")]

    async def removed_storage(self, name: str) -> str:
        """The storage of a table that is in no schema any more."""
        rows = await self._fetch(sql.REMOVED_TABLES)
        storage: str = next(storage for own, storage in rows if own == name)
        return storage

    async def meta_get(self, key: str, /) -> str | None:
        """Value that the runtime keeps for itself under ``key``."""
        rows = await self._fetch(sql.META_GET, key)
        return rows[0][0] if rows else None


def split_key(key: bytes) -> tuple[bytes, bytes | None]:
    """The part of a key that its index is ordered by, and the rest, if there is one."""
    return key[:KEY_LENGTH], key[KEY_LENGTH:] or None
