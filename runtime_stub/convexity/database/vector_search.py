"""``ctx.vector_search``: the documents whose vectors point most nearly the same way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from convexity.database.filter_values import filter_digest
from convexity.database.vector_index import is_number
from convexity.search.directions import direction
from convexity.values.limits import MAX_VECTOR_FILTERS, MAX_VECTOR_RESULTS

if TYPE_CHECKING:
    from convexity.database.catalog import CatalogTable
    from convexity.database.transaction import Transaction
    from convexity.database.vector_index import VectorEntries


async def vector_search(
    transaction: Transaction,
    table: str,
    index: str,
    *,
    vector: Sequence[float],
    limit: int,
    any_of: Sequence[tuple[str, Any]],
) -> list[dict[str, Any]]:
    """Ids and scores of the documents nearest to ``vector``, nearest first.

    Args:
        transaction: What is searched.
        table: A table of the schema.
        index: A vector index of the table.
        vector: As many numbers as the index has dimensions, not all of them zero.
        limit: Most results, 1 to 256.
        any_of: Filter fields with values: only documents that have one of them.

    Raises:
        ValueError: there is no such index, or an argument is out of range.
        TypeError: an argument has another type.
        EncodingError: a value of ``any_of`` is no Convex value.
    """
    searched = transaction.catalog.table(table)
    found = searched.vector_indexes.get(index)
    if found is None:
        known = ", ".join(sorted(searched.vector_indexes)) or "none"
        raise ValueError(f"table {table!r} has no vector index {index!r}; it has: {known}")
    if found.index.staged:
        raise ValueError(
            f"vector index {index!r} of table {table!r} is staged: it is filled, but cannot be "
            "searched until staged=True is removed from the schema"
        )
    place = f"vector_search({table!r}, {index!r})"
    towards = _direction(vector, found.index.dimensions, place)
    if isinstance(limit, bool) or not isinstance(limit, int):
        raise TypeError(f"{place}: limit is the number of results as int, not {limit!r}")
    if not 1 <= limit <= MAX_VECTOR_RESULTS:
        raise ValueError(f"{place}: limit must be from 1 to {MAX_VECTOR_RESULTS}, not {limit}")
    filters = _filters(searched, found, any_of, place)
    nearest = await transaction.nearest(found, towards, filters, limit=limit)
    return [{"_id": document_id, "_score": score} for document_id, score in nearest]


def _direction(vector: Sequence[float], dimensions: int, place: str) -> bytes:
    if isinstance(vector, str | bytes) or not isinstance(vector, Sequence):
        raise TypeError(f"{place}: vector is a list of numbers, not {type(vector).__name__}")
    if len(vector) != dimensions:
        raise ValueError(
            f"{place}: the vector has {len(vector)} numbers, the index {dimensions} dimensions; "
            "use the embedding model whose vectors are stored"
        )
    if not all(map(is_number, vector)):
        raise TypeError(f"{place}: the vector holds something else than numbers")
    try:
        towards = direction(vector)
    except OverflowError:
        towards = None
    if towards is None:
        raise ValueError(
            f"{place}: the vector has no direction: it is all zeros, or holds a NaN or an infinity"
        )
    return towards


def _filters(
    table: CatalogTable, index: VectorEntries, any_of: Sequence[tuple[str, Any]], place: str
) -> list[tuple[int, bytes]]:
    if len(any_of) > MAX_VECTOR_FILTERS:
        raise ValueError(
            f"{place}: any_of has {len(any_of)} conditions, but at most {MAX_VECTOR_FILTERS} "
            "are allowed"
        )
    fields = index.index.filter_fields
    filters = []
    for condition in any_of:
        if not isinstance(condition, Sequence) or len(condition) != 2:
            raise TypeError(
                f"{place}: any_of is a list of pairs, such as [('category', 'news')]; "
                f"{condition!r} is none"
            )
        field, value = condition
        if field not in fields:
            known = ", ".join(map(repr, fields)) or "none"
            raise ValueError(
                f"{place}: any_of names {field!r}, which is no filter field; the index has {known}"
            )
        filters.append((fields.index(field), filter_digest(table.as_stored(field, value))))
    return filters
