"""What the transactions of a group wrote, kept in memory until the group is committed.

Reading goes to the database and then through here, so that writing costs no statement before the
commit, and a savepoint none at all: whatever changes here is noted, and can be taken back.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from convexity.database.engine import RequestKey, TextEntry, VectorEntry
    from convexity.database.postgres.transaction import PostgresWriteTransaction

FIRST_POSITION: Final = 2**62
"""Positions of new documents begin here, until the commit gives them others: after all others."""


class PendingDocument(NamedTuple):
    """A document as it will be."""

    text: str | None
    """``None``: it is deleted."""
    creation_time: float
    position: int
    is_stored: bool
    """Whether the database has it under that position."""


class PendingEntry(NamedTuple):
    """An index entry as it will be."""

    document_id: str
    is_there: bool
    is_stored: bool
    """Whether the database has it."""


class PendingRow(NamedTuple):
    """The entry of a document in a full-text or vector index as it will be."""

    entry: Any
    is_stored: bool
    """Whether the database has one."""


class PendingIndex:
    """Entries of one index, by their keys."""

    __slots__ = ("entries", "keys")

    def __init__(self) -> None:
        self.entries: dict[bytes, PendingEntry] = {}
        self.keys: list[bytes] = []
        """The keys in order."""

    def between(self, lower: bytes, upper: bytes) -> list[bytes]:
        """The keys of a range, in order."""
        return self.keys[bisect_left(self.keys, lower) : bisect_left(self.keys, upper)]

    def put(self, key: bytes, entry: PendingEntry | None) -> PendingEntry | None:
        """Set or remove an entry; returns the one there was."""
        before = self.entries.get(key)
        if entry is None:
            del self.entries[key]
            del self.keys[bisect_left(self.keys, key)]
        else:
            self.entries[key] = entry
            if before is None:
                insort(self.keys, key)
        return before


class Pending:
    """Everything that a group wrote so far."""

    __slots__ = (
        "_undo",
        "answers",
        "cleared",
        "documents",
        "ids",
        "indexes",
        "known_positions",
        "meta",
        "new_documents",
        "numbers",
        "texts",
        "vectors",
    )

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, PendingDocument]] = {}
        """Documents by table and id."""
        self.ids: dict[str, dict[int, str]] = {}
        """Ids of written documents by table and position."""
        self.indexes: dict[str, PendingIndex] = {}
        self.texts: dict[str, dict[str, PendingRow]] = {}
        """Entries of full-text indexes by index and id."""
        self.vectors: dict[str, dict[str, PendingRow]] = {}
        self.meta: dict[str, str | None] = {}
        self.answers: dict[RequestKey, tuple[PostgresWriteTransaction, str]] = {}
        """Answers to requests, with the transactions that gave them."""
        self.cleared: dict[str, None] = {}
        """Tables in no schema whose documents are deleted."""
        self.numbers: dict[str, int] = {}
        """New numbers of tables by qualified name."""
        self.known_positions: dict[tuple[str, str], int] = {}
        """Positions of documents that were read."""
        self.new_documents = 0
        self._undo: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []

    def mark(self) -> int:
        """What :meth:`roll_back` takes."""
        return len(self._undo)

    def roll_back(self, mark: int) -> None:
        """Take back everything that came after a mark."""
        undo = self._undo
        while len(undo) > mark:
            function, arguments = undo.pop()
            function(*arguments)

    def put_document(self, storage: str, document_id: str, document: PendingDocument) -> None:
        """Note how a document will be."""
        self._put(self.documents.setdefault(storage, {}), document_id, document)
        self._put(self.ids.setdefault(storage, {}), document.position, document_id)

    def put_entry(self, storage: str, key: bytes, document_id: str, *, is_there: bool) -> None:
        """Note whether an index has an entry; one that comes was not stored before."""
        index = self.index(storage)
        known = index.entries.get(key)
        is_stored = not is_there if known is None else known.is_stored
        before = index.put(key, PendingEntry(document_id, is_there, is_stored))
        self._undo.append((index.put, (key, before)))

    def keep_entry(self, storage: str, key: bytes, document_id: str) -> None:
        """Note that a stored entry stays, but that its document has another text."""
        index = self.index(storage)
        if key not in index.entries:
            index.put(key, PendingEntry(document_id, is_there=True, is_stored=True))
            self._undo.append((index.put, (key, None)))

    def put_text(
        self, storage: str, document_id: str, before: TextEntry | None, after: TextEntry | None
    ) -> None:
        """Note the entry of a document in a full-text index."""
        self._put_row(self.texts.setdefault(storage, {}), document_id, before, after)

    def put_vector(
        self, storage: str, document_id: str, before: VectorEntry | None, after: VectorEntry | None
    ) -> None:
        """Note the entry of a document in a vector index."""
        self._put_row(self.vectors.setdefault(storage, {}), document_id, before, after)

    def put_meta(self, key: str, value: str | None) -> None:
        """Note what the runtime keeps for itself under a key."""
        self._put(self.meta, key, value)

    def put_cleared(self, storage: str) -> None:
        """Note that all documents of a table in no schema are deleted."""
        self._put(self.cleared, storage, None)

    def put_number(self, table: str, number: int) -> None:
        """Note the number that a table will have."""
        self._put(self.numbers, table, number)

    def put_answer(
        self, request: RequestKey, transaction: PostgresWriteTransaction, answer: str
    ) -> None:
        """Note the answer to a request."""
        self._put(self.answers, request, (transaction, answer))

    def index(self, storage: str) -> PendingIndex:
        """Entries of an index."""
        index = self.indexes.get(storage)
        if index is None:
            index = self.indexes[storage] = PendingIndex()
        return index

    def next_position(self) -> int:
        """The position of a new document, until the commit."""
        self.new_documents += 1
        return FIRST_POSITION + self.new_documents

    def _put_row(
        self, rows: dict[str, PendingRow], document_id: str, before: object, after: object
    ) -> None:
        known = rows.get(document_id)
        is_stored = before is not None if known is None else known.is_stored
        self._put(rows, document_id, PendingRow(after, is_stored))

    def _put(self, entries: dict[Any, Any], key: Any, value: Any) -> None:
        if key in entries:
            self._undo.append((entries.__setitem__, (key, entries[key])))
        else:
            self._undo.append((entries.__delitem__, (key,)))
        entries[key] = value
