"""Vector indexes: the entry of a document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from convexity.database.engine import VectorChange, VectorEntry
from convexity.database.filter_values import filter_digests
from convexity.database.paths import value_at
from convexity.database.tables import VectorIndex
from convexity.search.directions import direction
from convexity.values import Int64


class VectorEntries:
    """A vector index of the schema."""

    __slots__ = ("index", "name")

    def __init__(self, index: VectorIndex) -> None:
        self.index: Final = index
        self.name: Final = index.name

    def entry(self, document: Mapping[str, Any]) -> VectorEntry | None:
        """The entry of a document.

        ``None`` if its vector field does not hold as many numbers as the index has dimensions, or
        holds a vector without a direction.
        """
        value = value_at(document, self.index.vector_field)
        if not isinstance(value, list) or len(value) != self.index.dimensions:
            return None
        if not all(map(is_number, value)):
            return None
        vector = direction(value)
        if vector is None:
            return None
        return VectorEntry(vector, filter_digests(document, self.index.filter_fields))

    def change(
        self, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
    ) -> VectorChange | None:
        """The change of the index when ``after`` replaces ``before``; ``None`` if there is none."""
        old = None if before is None else self.entry(before)
        new = None if after is None else self.entry(after)
        return None if old == new else VectorChange(self.index, old, new)


def is_number(value: object) -> bool:
    """Whether a value is a Convex number, int64 and booleans not being numbers."""
    return isinstance(value, int | float) and not isinstance(value, bool | Int64)
