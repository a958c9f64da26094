"""What a query reads: a range of an index, a direction, conditions."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

from convexity.database.catalog import CatalogTable
from convexity.database.engine import Order
from convexity.database.filters import FilterExpression
from convexity.database.ranges import HIGHEST, LOWEST
from convexity.database.tables import Index
from convexity.database.transaction import Transaction
from convexity.values.limits import MAX_QUERY_OPERATORS

_FINGERPRINT_LENGTH: Final = 16


class Selection:
    """An immutable description of a query."""

    __slots__ = ("filters", "index", "lower", "order", "table", "transaction", "upper")

    def __init__(
        self,
        transaction: Transaction,
        table: CatalogTable,
        index: Index,
        lower: bytes = LOWEST,
        upper: bytes = HIGHEST,
        order: Order = "asc",
        filters: tuple[FilterExpression, ...] = (),
    ) -> None:
        self.transaction: Final = transaction
        self.table: Final = table
        self.index: Final = index
        self.lower: Final = lower
        self.upper: Final = upper
        self.order: Final = order
        self.filters: Final = filters

    def within(self, lower: bytes, upper: bytes) -> Selection:
        """The same over another range."""
        return Selection(
            self.transaction, self.table, self.index, lower, upper, self.order, self.filters
        )

    def ordered(self, order: Order) -> Selection:
        """The same in another direction."""
        return Selection(
            self.transaction,
            self.table,
            self.index,
            self.lower,
            self.upper,
            order,
            self.filters,
        )

    def filtered(self, condition: FilterExpression) -> Selection:
        """The same with one more condition.

        Raises:
            ValueError: the query has too many.
        """
        if len(self.filters) >= MAX_QUERY_OPERATORS:
            raise ValueError(f"a query has at most {MAX_QUERY_OPERATORS} filters")
        return Selection(
            self.transaction,
            self.table,
            self.index,
            self.lower,
            self.upper,
            self.order,
            (*self.filters, condition),
        )

    def fingerprint(self) -> bytes:
        """Identifies the query: equal for equal queries only (wire-protocol 7.3)."""
        described = (
            self.table.name,
            self.index.name,
            self.index.fields,
            self.lower,
            self.upper,
            self.order,
            [condition.form for condition in self.filters],
        )
        return blake2b(repr(described).encode(), digest_size=_FINGERPRINT_LENGTH).digest()

    def accepts(self, document: Mapping[str, Any]) -> bool:
        """Whether a document passes all conditions."""
        return all(condition.accepts(document) for condition in self.filters)
