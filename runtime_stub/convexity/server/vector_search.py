"""Results of ``ctx.vector_search``."""

from __future__ import annotations

from typing import Generic, TypedDict, TypeVar

D = TypeVar("D")


class VectorSearchResult(TypedDict, Generic[D]):
    """A document that was found; ``D`` is the type of its id."""

    _id: D
    _score: float
    """Cosine similarity, 1 for the same direction."""
