"""What a storage engine offers; the semantic layer above it is the same for every engine.

An engine stores documents as texts and index entries as bytes. It knows nothing of validators,
limits or creation times: :class:`~convexity.database.transaction.Transaction` does all that over a
:class:`Snapshot` or a :class:`WriteTransaction`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Generic, Literal, NamedTuple, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from convexity.database.catalog import Catalog
    from convexity.database.claims import Claims
    from convexity.database.file_writers import Writers
    from convexity.database.process_lock import ProcessLock
    from convexity.database.ranges import WriteSet
    from convexity.database.tables import Index, Schema, SearchIndex, Table, VectorIndex
    from convexity.search.ranking import Match

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Order: TypeAlias = Literal["asc", "desc"]


@dataclass(frozen=True, slots=True)
class Committed(Generic[T_co]):
    """Result of a write transaction that is durable."""

    value: T_co
    ts: int
    """Time of the commit; of the snapshot it saw where it wrote nothing."""


@dataclass(frozen=True, slots=True)
class Commit:
    """What listeners learn of a commit, in order of commits."""

    ts: int
    writes: WriteSet
    is_complete: bool = True
    """``False``: more than ``writes`` was written, and nobody knows what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What :meth:`Engine.start` found and did."""

    catalogs: Mapping[str, Catalog]
    """Tables by path of the component; those of the application are under the empty path. Needed
    by every :class:`~convexity.database.transaction.Transaction`."""
    secret: bytes
    """Secret of this database, which is made once."""
    added_tables: tuple[str, ...] = ()
    removed_tables: tuple[str, ...] = ()
    """Tables that left the schema, or whose component did; their documents are kept."""
    built_indexes: tuple[str, ...] = ()
    """Indexes built or rebuilt from existing documents, as ``table.index``."""
    removed_indexes: tuple[str, ...] = ()
    validated_tables: tuple[str, ...] = ()
    """Tables whose existing documents were checked because their validator changed."""

    @property
    def catalog(self) -> Catalog:
        """Tables of the application."""
        return self.catalogs[""]

    @property
    def table_numbers(self) -> Mapping[str, int]:
        """Number of every table of the application and of its system tables, by name."""
        return self.catalog.table_numbers


class RequestKey(NamedTuple):
    """By which a client that lost its connection asks for a mutation again (wire-protocol 3.6)."""

    session: bytes
    """The 16 bytes of the client's session id."""
    number: int


class RecordedAnswer(NamedTuple):
    """The answer to a request that was run before."""

    text: str
    ts: int
    """Time of its commit."""


class IndexChange(NamedTuple):
    """Entry of one index for a document that is written: ``None`` where there is no document."""

    in_index: Index
    before: bytes | None
    after: bytes | None


class TextEntry(NamedTuple):
    """Entry of a full-text index."""

    words: str
    """Words with spaces between, in order; letters, digits and marks of any script."""
    filters: tuple[bytes, ...]
    """Digests of the values of the filter fields, in order."""


class TextChange(NamedTuple):
    """Entry of one full-text index for a document that is written, where it changes."""

    in_index: SearchIndex
    before: TextEntry | None
    after: TextEntry | None
    keys: Sequence[bytes]
    """What the change touches, for the write set."""


class TextRequest(NamedTuple):
    """What is looked for in a full-text index: any of the words, with all of the filters."""

    words: Sequence[str]
    prefix_too: bool
    """Whether words that only start with the last one are looked for too, as one further word."""
    filters: Sequence[tuple[int, bytes]]
    """Numbers of filter fields and digests of the values they must have."""


class VectorEntry(NamedTuple):
    """Entry of a vector index."""

    vector: bytes
    """Of length 1, as little-endian float32."""
    filters: tuple[bytes, ...]
    """Digests of the values of the filter fields, in order."""


class VectorChange(NamedTuple):
    """Entry of one vector index for a document that is written, where it changes."""

    in_index: VectorIndex
    before: VectorEntry | None
    after: VectorEntry | None


class Snapshot(Protocol):
    """The state of the database at one time."""

    @property
    def timestamp(self) -> int:
        """Time of the state that is seen, in nanoseconds since the epoch."""
        ...

    def writer(self) -> WriteTransaction | None:
        """This snapshot as one that can be written, if it can."""
        ...

    async def get(self, table: Table, document_id: str, /) -> str | None:
        """Text of a document, or ``None``."""
        ...

    async def get_many(self, table: Table, document_ids: Sequence[str], /) -> Sequence[str | None]:
        """Texts of documents of one table, in the order asked for."""
        ...

    async def count(self, table: Table, /) -> int:
        """Number of documents of a table."""
        ...

    async def scan(
        self, index: Index, lower: bytes, upper: bytes, /, *, order: Order, limit: int
    ) -> Sequence[tuple[bytes, str]]:
        """Keys and document texts of at most ``limit`` entries with ``lower <= key < upper``."""
        ...

    async def search(
        self, index: SearchIndex, request: TextRequest, /, *, limit: int
    ) -> Sequence[Match]:
        """At most ``limit`` documents that match, in no particular order.

        Where more match, those with the word that fewest have come first, then those with the next
        word; of those with the same word the newest. Words that more than ``limit`` have are not
        told apart by that, but come in order of the request.
        """
        ...

    async def documents_at(self, table: Table, positions: Sequence[int], /) -> Sequence[str | None]:
        """Texts of the documents at positions that :meth:`search` gave, in the order asked for."""
        ...

    async def nearest(
        self,
        index: VectorIndex,
        vector: bytes,
        any_of: Sequence[tuple[int, bytes]],
        /,
        *,
        limit: int,
    ) -> Sequence[tuple[str, float]]:
        """Ids and cosine similarities of the documents nearest to a vector, nearest first.

        Args:
            index: The index.
            vector: As in :class:`VectorEntry`.
            any_of: Numbers of filter fields and digests of values; documents that have one of
                them are considered, all documents if there are none.
            limit: Most documents to find.
        """
        ...

    async def removed_tables(self) -> Mapping[str, int]:
        """Qualified names of the tables that are in no schema any more, with their documents."""
        ...

    async def removed_texts(self, name: str, /) -> Sequence[str]:
        """Texts of the documents of such a table."""
        ...

    async def meta_get(self, key: str, /) -> str | None:
        """Value that the runtime keeps for itself under ``key``."""
        ...


class WriteTransaction(Snapshot, Protocol):
    """A snapshot that sees and keeps what is written; :attr:`timestamp` is the commit's."""

    @property
    def write_set(self) -> WriteSet:
        """Index keys written so far, without what was rolled back."""
        ...

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
        """Store a document, or delete it (``text`` is ``None``), with its index entries.

        ``changes`` holds every index of the table, the unchanged ones too: they are part of the
        write set. ``texts`` and ``vectors`` hold only indexes whose entry changes.
        """
        ...

    async def meta_set(self, key: str, value: str | None, /) -> None:
        """Keep ``value`` under ``key``; ``None`` removes it."""
        ...

    async def answer_get(self, request: RequestKey, /) -> RecordedAnswer | None:
        """What :meth:`answer_set` kept for a request, unless it is too old."""
        ...

    async def answer_set(self, request: RequestKey, answer: str, /) -> None:
        """Keep the answer to a request of a client, so that it need not be run again."""
        ...

    async def clear_removed(self, name: str, /) -> int:
        """Delete the documents of a table that is in no schema any more; returns how many."""
        ...

    async def renumber(self, numbers: Mapping[str, int], /) -> None:
        """Give tables, by their qualified names, other numbers; they must hold no documents.

        A table without documents that has one of the numbers gets a new one. The catalogs of all
        processes follow the commit.

        Raises:
            NumberTakenError: another table has one of the numbers, and documents.
        """
        ...

    def note_no_keys(self) -> None:
        """Note from now on only that something is written, for writes beyond any measure.

        Listeners are told that they cannot know what changed.
        """
        ...

    async def savepoint(self) -> int:
        """Open a nested transaction; the answer goes to :meth:`release` or :meth:`rollback`."""
        ...

    async def release(self, savepoint: int, /) -> None:
        """Keep what was written since the savepoint."""
        ...

    async def rollback(self, savepoint: int, /) -> None:
        """Undo what was written since the savepoint, in the write set too."""
        ...


class Engine(Protocol):
    """A database. Times are nanoseconds since the epoch, strictly increasing over commits."""

    async def start(
        self, schema: Schema, components: Mapping[str, Schema] = MappingProxyType({}), /
    ) -> Deployment:
        """Open the database and deploy the schemas, all of it or nothing.

        ``schema`` is that of the application, ``components`` has those of its components by path.
        Creates tables, builds new and changed indexes, drops removed ones and checks existing
        documents where validators changed.

        Raises:
            SchemaMismatchError: documents do not match the schema; the message lists them.
        """
        ...

    def lock(self, name: str, /) -> ProcessLock:
        """A lock that all processes of the database share."""
        ...

    def claims(self, kind: str, /) -> Claims:
        """What this process claims of the work of a kind that processes share."""
        ...

    async def writers(self) -> Writers:
        """The processes that write files, this one among them from now on.

        Raises:
            OSError: this process cannot be made known to the others.
        """
        ...

    async def close(self) -> None:
        """Finish the commits under way and release everything."""
        ...

    def snapshot(self) -> AbstractAsyncContextManager[Snapshot]:
        """The newest state, for a query."""
        ...

    def snapshot_at(self, ts: int, /) -> AbstractAsyncContextManager[Snapshot]:
        """The state at a time that :meth:`latest_timestamp` gave.

        Raises:
            SnapshotTooOldError: that state is no longer kept.
        """
        ...

    @property
    def frontier(self) -> int:
        """Time up to which listeners know of every commit."""
        ...

    async def settle(self) -> None:
        """Return when listeners know of every commit that a snapshot of now would see."""
        ...

    @property
    def is_superseded(self) -> bool:
        """Whether a write was refused because another version of the schema was deployed."""
        ...

    def is_settled(self) -> bool:
        """Whether it is known without waiting that :meth:`settle` would return at once."""
        ...

    async def latest_timestamp(self) -> int:
        """Time of the newest state, which stays readable for at least 30 s."""
        ...

    async def write(self, work: Callable[[WriteTransaction], Awaitable[T]], /) -> Committed[T]:
        """Run ``work`` as a transaction and answer when what it wrote is durable.

        If ``work`` raises, nothing of it stays and the exception is raised here. An engine may run
        ``work`` again after a conflict.
        """
        ...

    def on_group(self, listener: Callable[[int, float], None], /) -> None:
        """Call ``listener`` after each commit of this process that wrote.

        It is told how many transactions became durable together, and how many seconds that took.
        """
        ...

    def on_commit(self, listener: Callable[[Commit], None], /) -> Callable[[], None]:
        """Call ``listener`` after each commit that wrote; the result removes it again.

        Commits of other processes that use the database count too. :attr:`frontier` includes the
        commit already.
        """
        ...
