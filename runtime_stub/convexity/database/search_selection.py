"""What a search selects: the documents that match, the most relevant first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Final, NoReturn

from convexity.database.engine import TextRequest
from convexity.database.filter_values import filter_digest
from convexity.database.ranges import HIGHEST, LOWEST
from convexity.database.scan import FIRST_BATCH, Scan
from convexity.database.selection import Selection
from convexity.database.tables import Document
from convexity.search.ranking import scores
from convexity.search.words import query_words
from convexity.values import Unset, Value
from convexity.values.limits import MAX_SEARCH_CANDIDATES, MAX_SEARCH_FILTERS, MAX_SEARCH_TERMS

if TYPE_CHECKING:
    from convexity.database.catalog import CatalogTable
    from convexity.database.engine import Order
    from convexity.database.filters import FilterExpression
    from convexity.database.text_index import TextIndex
    from convexity.database.transaction import Transaction
    from convexity.database.transaction_reads import Row

_PREFIX_WEIGHT: Final = 0.5
"""How much words count that only start like the last one, against that word itself."""
_RANK_BYTES: Final = 2


def text_request(text: str) -> TextRequest:
    """What a text looks for, without filters: its first words, the last one as prefix too."""
    words = query_words(text)
    return TextRequest(words[:MAX_SEARCH_TERMS], 0 < len(words) <= MAX_SEARCH_TERMS, ())


class SearchSelection(Selection):
    """A search in a full-text index.

    The key of a result is its rank. Scores would not do: they change with every document that
    matches, so that the pages of a live search would lose their results to each other.
    """

    __slots__ = ("index", "request")

    can_split = False

    def __init__(
        self,
        transaction: Transaction,
        table: CatalogTable,
        index: TextIndex,
        request: TextRequest,
        lower: bytes = LOWEST,
        upper: bytes = HIGHEST,
        filters: tuple[FilterExpression, ...] = (),
    ) -> None:
        super().__init__(transaction, table, lower, upper, "asc", filters)
        self.index = index
        self.request = request

    def changed(
        self,
        *,
        lower: bytes | None = None,
        upper: bytes | None = None,
        order: Order | None = None,
        filters: tuple[FilterExpression, ...] | None = None,
    ) -> SearchSelection:
        """The same with other bounds or conditions."""
        del order
        return SearchSelection(
            self.transaction,
            self.table,
            self.index,
            self.request,
            self.lower if lower is None else lower,
            self.upper if upper is None else upper,
            self.filters if filters is None else filters,
        )

    def narrowed(self, field: str, value: Value | Unset) -> SearchSelection:
        """The same for documents whose filter field has a value.

        Raises:
            ValueError: it is no filter field, or there are too many filters.
            EncodingError: it is no Convex value.
        """
        fields = self.index.index.filter_fields
        if field not in fields:
            known = ", ".join(map(repr, fields)) or "none"
            self._misuse(f"eq({field!r}, ...) needs a filter field; the index has {known}")
        request = self.request
        if len(request.filters) >= MAX_SEARCH_FILTERS:
            self._misuse(f"a search has at most {MAX_SEARCH_FILTERS} eq() filters")
        digest = filter_digest(self.table.as_stored(field, value))
        filters = (*request.filters, (fields.index(field), digest))
        return SearchSelection(
            self.transaction,
            self.table,
            self.index,
            request._replace(filters=filters),
            self.lower,
            self.upper,
            self.filters,
        )

    def scan(self) -> SearchScan:
        """What reads the results in batches."""
        return SearchScan(self)

    def documents(self) -> SearchIterator:
        """The results one after another, in the order found when the first one is read."""
        return SearchIterator(self)

    def described(self) -> tuple[object, ...]:
        """The index and what is looked for."""
        index = self.index.index
        return ("search", index.name, index.search_field, index.filter_fields, *self.request)

    async def ranked(self) -> list[int]:
        """Positions of the documents that match, the most relevant first.

        There is one more than may be read, if so many match.

        Of equally relevant ones the newest comes first.
        """
        request = self.request
        if not request.words:
            return []
        matches = await self.transaction.search(self.table, self.index, request)
        weights = [1.0] * len(request.words) + [_PREFIX_WEIGHT] * request.prefix_too
        ranked = [
            (-score, -match.position)
            for score, match in zip(scores(matches, weights), matches, strict=True)
        ]
        ranked.sort()
        return [-position for _, position in ranked[: MAX_SEARCH_CANDIDATES + 1]]

    def matches(self, document: Document) -> bool:
        """Whether a document is one that the search would find."""
        entry = self.index.entry(document)
        if entry is None:
            return False
        request = self.request
        words = set(entry.words.split(" "))
        return all(entry.filters[field] == digest for field, digest in request.filters) and (
            not words.isdisjoint(request.words)
            or (request.prefix_too and any(w.startswith(request.words[-1]) for w in words))
        )

    def _misuse(self, problem: str) -> NoReturn:
        raise ValueError(
            f"search index {self.index.name!r} of table {self.table.name!r}: {problem}"
        )


class SearchScan(Scan):
    """Reads the results of a search in batches; the search happens before the first one."""

    __slots__ = ("_ahead", "_is_cut", "_selection")

    def __init__(self, selection: SearchSelection) -> None:
        super().__init__(selection)
        self._selection = selection
        self._ahead: list[tuple[int, bytes]] | None = None
        """Positions and keys of results not read yet, in order; ``None`` before the search."""
        self._is_cut = False
        """Whether there are more results than may be read."""

    async def fetch(self, limit: int) -> list[Row]:
        """The next ``limit`` documents; fewer at the end only.

        Raises:
            ValueError: it would have to go beyond what one search may read.
        """
        selection = self._selection
        if self._ahead is None:
            ranked = [(p, _rank_key(rank)) for rank, p in enumerate(await selection.ranked())]
            ahead = [one for one in ranked if selection.lower <= one[1] < selection.upper]
            self._is_cut = len(ranked) > MAX_SEARCH_CANDIDATES and ahead[-1:] == ranked[-1:]
            self._ahead = ahead[:-1] if self._is_cut else ahead
        rows: list[Row] = []
        while len(rows) < limit:
            missing = limit - len(rows)
            batch, self._ahead = self._ahead[:missing], self._ahead[missing:]
            if not batch:
                self._end()
                break
            rows += await selection.transaction.found(selection.table, dict(batch))
        return rows

    def _end(self) -> None:
        if self._is_cut:
            raise ValueError(
                f"Search query scanned too many documents (fetched {MAX_SEARCH_CANDIDATES}). Take "
                "fewer results, read fewer pages, or select with eq() on a filter field of search "
                f"index {self._selection.index.name!r}"
            )
        self.exhausted = True


def _rank_key(rank: int) -> bytes:
    return rank.to_bytes(_RANK_BYTES, "big")


class SearchIterator(AsyncIterator[Document]):
    """Hands out the results of a search one after another.

    In a mutation they come as the documents are by then, and only those that still match.
    """

    __slots__ = ("_is_writable", "_pending", "_scan", "_selection")

    def __init__(self, selection: SearchSelection) -> None:
        self._selection = selection
        self._scan = selection.scan()
        self._is_writable = selection.transaction.writable
        self._pending: list[Any] = []
        """Fetched and not handed out, last first."""

    async def __anext__(self) -> Document:
        while True:
            if not self._pending:
                if self._scan.exhausted:
                    raise StopAsyncIteration
                rows = await self._scan.fetch(1 if self._is_writable else FIRST_BATCH)
                self._pending = [row.document for row in reversed(rows)]
                continue
            document: Document = self._pending.pop()
            if self._is_writable and not self._selection.matches(document):
                continue
            if self._selection.accepts(document):
                return document
