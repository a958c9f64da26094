"""Queries as functions write them: ``db.query(...).with_index(...).eq(...).take(10)``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, Literal, NoReturn, TypeVar

from convexity.database.filters import FilterBuilder, FilterExpression, build_filter
from convexity.database.page import paginate
from convexity.database.pagination import PaginationOptions, PaginationResult
from convexity.database.range_scan import RangeSelection
from convexity.database.scan import read
from convexity.database.search_selection import SearchSelection, text_request
from convexity.database.selection import Selection
from convexity.database.tables import Index
from convexity.errors import NotUniqueError
from convexity.values import Unset, Value
from convexity.values.ordering import encode_key, key_after_prefix

if TYPE_CHECKING:
    from convexity.database.catalog import CatalogTable
    from convexity.database.text_index import TextIndex
    from convexity.database.transaction import Transaction

D = TypeVar("D")


class OrderedQuery(Generic[D]):
    """A query whose order is settled. It reads nothing until it is awaited, and can be reused."""

    __slots__ = ("_selection",)

    def __init__(self, selection: Selection) -> None:
        self._selection = selection

    def filter(self, predicate: Callable[[FilterBuilder], FilterExpression], /) -> OrderedQuery[D]:
        """Only documents that pass; all that come before are read and count as read."""
        return OrderedQuery(self._selection.filtered(build_filter(predicate)))

    async def collect(self) -> list[D]:
        """All documents."""
        documents: list[Any] = await read(self._selection, None)
        return documents

    async def take(self, n: int, /) -> list[D]:
        """The first ``n`` documents.

        Raises:
            ValueError: ``n`` is negative.
            TypeError: ``n`` is no integer.
        """
        if isinstance(n, bool) or not isinstance(n, int):
            raise TypeError(f"take() needs the number of documents as int, not {n!r}")
        if n < 0:
            raise ValueError(f"take() needs a number of documents of at least 0, not {n}")
        documents: list[Any] = await read(self._selection, n)
        return documents

    async def first(self) -> D | None:
        """The first document, ``None`` if there is none."""
        documents: list[Any] = await read(self._selection, 1)
        return documents[0] if documents else None

    async def unique(self) -> D | None:
        """The only document, ``None`` if there is none.

        Raises:
            NotUniqueError: there are more.
        """
        documents: list[Any] = await read(self._selection, 2)
        if len(documents) > 1:
            ids = ", ".join(document["_id"] for document in documents)
            raise NotUniqueError(
                f"unique() query returned more than one result from table "
                f"{self._selection.table.name!r}: {ids}, ..."
            )
        return documents[0] if documents else None

    async def paginate(self, opts: PaginationOptions, /) -> PaginationResult[D]:
        """A page (wire-protocol 7.3). A function can read one page per run.

        Raises:
            InvalidCursorError: a cursor does not belong to this query.
            ValueError: an option is out of range, or the function read a page already.
        """
        page: PaginationResult[Any] = await paginate(self._selection, opts)
        return page

    def __aiter__(self) -> AsyncIterator[D]:
        documents: AsyncIterator[Any] = self._selection.documents()
        return documents


class Query(OrderedQuery[D]):
    """A query that can still be given an order."""

    __slots__ = ()

    _selection: RangeSelection

    def order(self, order: Literal["asc", "desc"], /) -> OrderedQuery[D]:
        """Read the index upward (the default) or downward.

        Raises:
            ValueError: ``order`` is neither ``"asc"`` nor ``"desc"``.
        """
        if order not in ("asc", "desc"):
            raise ValueError(f'order() takes "asc" or "desc", not {order!r}')
        return OrderedQuery(self._selection.changed(order=order))


class TableQuery(Query[D]):
    """``db.query(table)``: all documents by creation time, until an index is chosen."""

    __slots__ = ()

    def with_index(self, name: str, /) -> IndexRange[D]:
        """Read through an index; the result takes the range.

        Raises:
            ValueError: the table has no such index, or it is staged.
        """
        selection = self._selection
        index = selection.table.indexes.get(name)
        if index is None:
            self._refuse(name, selection.table.indexes)
        if index.staged:
            self._refuse_staged(name)
        chosen = RangeSelection(selection.transaction, selection.table, index)
        return IndexRange(chosen, _range_fields(index), b"", "equalities")

    def with_search_index(self, name: str, /) -> SearchStart[D]:
        """Search text through an index; the result takes the text.

        Raises:
            ValueError: the table has no such search index, or it is staged.
        """
        selection = self._selection
        index = selection.table.text_indexes.get(name)
        if index is None:
            self._refuse(name, selection.table.text_indexes)
        if index.index.staged:
            self._refuse_staged(name)
        return SearchStart(selection.transaction, selection.table, index)

    def _refuse(self, name: str, known: Mapping[str, object]) -> NoReturn:
        names = ", ".join(sorted(known)) or "none"
        raise ValueError(
            f"table {self._selection.table.name!r} has no such index: {name!r}; it has: {names}"
        )

    def _refuse_staged(self, name: str) -> NoReturn:
        raise ValueError(
            f"index {name!r} of table {self._selection.table.name!r} is staged: it is filled, but "
            "queries cannot use it until staged=True is removed from the schema"
        )


class SearchStart(Generic[D]):
    """A search that still needs its text; no query yet."""

    __slots__ = ("_index", "_table", "_transaction")

    def __init__(self, transaction: Transaction, table: CatalogTable, index: TextIndex) -> None:
        self._transaction = transaction
        self._table = table
        self._index = index

    def search(self, field: str, text: str, /) -> SearchQuery[D]:
        """Documents that have some of the words of ``text`` in ``field``, the most relevant first.

        The last word may be the beginning of a word. A text without words finds nothing; of more
        than 16 words the first ones count.

        Raises:
            ValueError: ``field`` is not the search field of the index.
            TypeError: ``text`` is no string.
        """
        wanted = self._index.index.search_field
        if field != wanted:
            raise ValueError(
                f"search({field!r}, ...): search index {self._index.name!r} of table "
                f"{self._table.name!r} has the search field {wanted!r}"
            )
        if not isinstance(text, str):
            raise TypeError(f"search() looks for a string, not {type(text).__name__}")
        return SearchQuery(
            SearchSelection(self._transaction, self._table, self._index, text_request(text))
        )


class SearchQuery(OrderedQuery[D]):
    """A search, which further equalities narrow; its order is that of relevance."""

    __slots__ = ()

    _selection: SearchSelection

    def eq(self, field: str, value: Value | Unset, /) -> SearchQuery[D]:
        """Only documents whose filter field equals ``value``; ``UNSET`` for those that lack it.

        Raises:
            ValueError: ``field`` is no filter field of the index, or there are too many filters.
            EncodingError: ``value`` is no Convex value.
        """
        return SearchQuery(self._selection.narrowed(field, value))

    def order(self, order: str, /) -> NoReturn:
        """Refuse: results of a search come in the order of relevance.

        Raises:
            ValueError: always.
        """
        raise ValueError(
            f"order({order!r}): a search gives its results in the order of relevance, which cannot "
            "be changed; sort what take() returned"
        )


class IndexRange(Query[D]):
    """A query over a range of an index, which further bounds narrow.

    Equalities come first, in the order of the index's fields; then one lower and one upper bound
    may follow on the next field.
    """

    __slots__ = ("_fields", "_prefix", "_stage")

    _selection: RangeSelection

    def __init__(
        self,
        selection: RangeSelection,
        fields: tuple[str, ...],
        prefix: bytes,
        stage: Literal["equalities", "lower bound", "upper bound"],
    ) -> None:
        """Take the fields that are not fixed yet and the key of those that are."""
        super().__init__(selection)
        self._fields = fields
        self._prefix = prefix
        self._stage = stage

    def eq(self, field: str, value: Value | Unset, /) -> IndexRange[D]:
        """Only documents whose field equals ``value``; ``UNSET`` for those that lack it.

        Raises:
            ValueError: ``field`` is not the next one of the index, or a bound came before.
            EncodingError: ``value`` is no Convex value.
        """
        if self._stage != "equalities":
            self._misuse(f"eq({field!r}, ...) must come before the {self._stage}")
        prefix = self._prefix + self._key("eq", field, value)
        selection = self._selection.changed(lower=prefix, upper=key_after_prefix(prefix))
        return IndexRange(selection, self._fields[1:], prefix, "equalities")

    def gt(self, field: str, value: Value | Unset, /) -> IndexRange[D]:
        """Only documents whose field comes after ``value``; raises like :meth:`eq`."""
        return self._from(key_after_prefix(self._lower_key("gt", field, value)))

    def gte(self, field: str, value: Value | Unset, /) -> IndexRange[D]:
        """Only documents whose field is ``value`` or comes after it; raises like :meth:`eq`."""
        return self._from(self._lower_key("gte", field, value))

    def lt(self, field: str, value: Value | Unset, /) -> IndexRange[D]:
        """Only documents whose field comes before ``value``; raises like :meth:`eq`."""
        return self._to(self._upper_key("lt", field, value))

    def lte(self, field: str, value: Value | Unset, /) -> IndexRange[D]:
        """Only documents whose field is ``value`` or comes before it; raises like :meth:`eq`."""
        return self._to(key_after_prefix(self._upper_key("lte", field, value)))

    def _lower_key(self, method: str, field: str, value: Value | Unset) -> bytes:
        if self._stage != "equalities":
            self._misuse(f"{method}({field!r}, ...) must come before the {self._stage}")
        return self._prefix + self._key(method, field, value)

    def _upper_key(self, method: str, field: str, value: Value | Unset) -> bytes:
        if self._stage == "upper bound":
            self._misuse(f"{method}({field!r}, ...) is a second upper bound")
        return self._prefix + self._key(method, field, value)

    def _from(self, lower: bytes) -> IndexRange[D]:
        return IndexRange(
            self._selection.changed(lower=lower), self._fields, self._prefix, "lower bound"
        )

    def _to(self, upper: bytes) -> IndexRange[D]:
        return IndexRange(
            self._selection.changed(upper=upper), self._fields, self._prefix, "upper bound"
        )

    def _key(self, method: str, field: str, value: Value | Unset) -> bytes:
        fields = self._fields
        if not fields or field != fields[0]:
            wanted = f"the next field is {fields[0]!r}" if fields else "no field is left"
            self._misuse(f"{method}({field!r}, ...) does not fit: {wanted}")
        return encode_key((self._selection.table.as_stored(field, value),))

    def _misuse(self, problem: str) -> NoReturn:
        index = self._selection.index
        fields = ", ".join(_range_fields(index))
        raise ValueError(
            f"index {index.name!r} of table {self._selection.table.name!r} ({fields}): {problem}. "
            "A range is eq() on the fields in order, then at most one gt()/gte() and one "
            "lt()/lte() on the next field"
        )


def _range_fields(index: Index) -> tuple[str, ...]:
    """Fields that a range may name: the declared ones, then the creation time."""
    if index.name in ("by_id", "by_creation_time"):
        return ("_id",) if index.name == "by_id" else ("_creationTime",)
    return (*index.fields, "_creationTime")
