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
from convexity.values import Int64, Unset, Value
from convexity.values.limits import MAX_SEARCH_CANDIDATES, MAX_SEARCH_FILTERS, MAX_SEARCH_TERMS
from convexity.values.ordering import encode_key

if TYPE_CHECKING:
    from convexity.database.catalog import CatalogTable
    from convexity.database.engine import Order
    from convexity.database.filters import FilterExpression
    from convexity.database.text_index import TextIndex
    from convexity.database.transaction import Row, Transaction

_PREFIX_WEIGHT: Final = 0.5
"""How much words count that only start like the last one, against that word itself."""


def text_request(text: str) -> TextRequest:
    """What a text looks for, without filters: its first words, the last one as prefix too."""
    words = query_words(text)
    return TextRequest(words[:MAX_SEARCH_TERMS], 0 < len(words) <= MAX_SEARCH_TERMS, ())


class SearchSelection(Selection):
    """A search in a full-text index."""

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

    async def ranked(self) -> list[tuple[bytes, int]]:
        """Keys and positions of all documents that match, the most relevant first.

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
        return [
            (encode_key((score, Int64(position))), -position)
            for score, position in ranked[: MAX_SEARCH_CANDIDATES + 1]
        ]

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
        self._ahead: list[tuple[bytes, int]] | None = None
        """Keys and positions of results not read yet, in order; ``None`` before the search."""
        self._is_cut = False
        """Whether there are more results than may be read."""

    async def fetch(self, limit: int) -> list[Row]:
        """The next ``limit`` documents; fewer at the end only.

        Raises:
            ValueError: it would have to go beyond what one search may read.
        """
        selection = self._selection
        if self._ahead is None:
            ranked = await selection.ranked()
            self._is_cut = len(ranked) > MAX_SEARCH_CANDIDATES
            self._ahead = [
                (key, position)
                for key, position in ranked[:MAX_SEARCH_CANDIDATES]
                if selection.lower <= key < selection.upper
            ]
            if self._is_cut and selection.upper < ranked[MAX_SEARCH_CANDIDATES][0]:
                self._is_cut = False
        rows: list[Row] = []
        while len(rows) < limit:
            missing = limit - len(rows)
            batch, self._ahead = self._ahead[:missing], self._ahead[missing:]
            if not batch:
                self._end()
                break
            positions = {position: key for key, position in batch}
            rows += await selection.transaction.found(selection.table, positions)
        return rows

    def _end(self) -> None:
        if self._is_cut:
            raise ValueError(
                f"Search query scanned too many documents (fetched {MAX_SEARCH_CANDIDATES}). Take "
                "fewer results, read fewer pages, or select with eq() on a filter field of search "
                f"index {self._selection.index.name!r}"
            )
        self.exhausted = True


class SearchIterator(AsyncIterator[Document]):
    """Hands out the results of a search one after another, as the documents are by then."""

    __slots__ = ("_batch", "_pending", "_scan", "_selection")

    def __init__(self, selection: SearchSelection) -> None:
        self._selection = selection
        self._scan = selection.scan()
        self._batch = 1 if selection.transaction.writable else FIRST_BATCH
        self._pending: list[Any] = []
        """Fetched and not handed out, last first."""

    async def __anext__(self) -> Document:
        while True:
            if not self._pending:
                if self._scan.exhausted:
                    raise StopAsyncIteration
                rows = await self._scan.fetch(self._batch)
                self._pending = [row.document for row in reversed(rows)]
                continue
            document: Document = self._pending.pop()
            if self._selection.accepts(document):
                return document
