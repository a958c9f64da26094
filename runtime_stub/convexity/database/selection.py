"""What a query reads: part of a table in some order, and conditions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, ClassVar, Final

from convexity.database.ranges import HIGHEST, LOWEST
from convexity.values.limits import MAX_QUERY_OPERATORS

if TYPE_CHECKING:
    from convexity.database.catalog import CatalogTable
    from convexity.database.engine import Order
    from convexity.database.filters import FilterExpression
    from convexity.database.scan import Scan
    from convexity.database.tables import Document
    from convexity.database.transaction import Transaction

_FINGERPRINT_LENGTH: Final = 16


class Selection(ABC):
    """An immutable description of a query.

    Every document has a key, and documents come in the order of their keys.
    """

    __slots__ = ("filters", "lower", "order", "table", "transaction", "upper")

    can_split: ClassVar[bool] = True
    """Whether it helps to read a page in two halves."""

    def __init__(
        self,
        transaction: Transaction,
        table: CatalogTable,
        lower: bytes = LOWEST,
        upper: bytes = HIGHEST,
        order: Order = "asc",
        filters: tuple[FilterExpression, ...] = (),
    ) -> None:
        self.transaction: Final = transaction
        self.table: Final = table
        self.lower: Final = lower
        self.upper: Final = upper
        self.order: Final = order
        self.filters: Final = filters

    @abstractmethod
    def changed(
        self,
        *,
        lower: bytes | None = None,
        upper: bytes | None = None,
        order: Order | None = None,
        filters: tuple[FilterExpression, ...] | None = None,
    ) -> Selection:
        """The same with other bounds, direction or conditions."""

    @abstractmethod
    def scan(self) -> Scan:
        """What reads the selection in batches."""

    @abstractmethod
    def documents(self) -> AsyncIterator[Document]:
        """The documents one after another, lazily."""

    @abstractmethod
    def described(self) -> tuple[object, ...]:
        """What tells this query from others, without bounds, direction and conditions."""

    def filtered(self, condition: FilterExpression) -> Selection:
        """The same with one more condition.

        Raises:
            ValueError: the query has too many.
        """
        if len(self.filters) >= MAX_QUERY_OPERATORS:
            raise ValueError(f"a query has at most {MAX_QUERY_OPERATORS} filters")
        return self.changed(filters=(*self.filters, condition))

    def fingerprint(self) -> bytes:
        """Identifies the query: equal for equal queries only (wire-protocol 7.3)."""
        described = (
            self.table.name,
            *self.described(),
            self.lower,
            self.upper,
            self.order,
            [condition.form for condition in self.filters],
        )
        return blake2b(repr(described).encode(), digest_size=_FINGERPRINT_LENGTH).digest()

    def accepts(self, document: Mapping[str, Any]) -> bool:
        """Whether a document passes all conditions."""
        return all(condition.accepts(document) for condition in self.filters)
