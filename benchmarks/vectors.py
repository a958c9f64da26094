"""Vector search over 100,000 vectors of 384 dimensions, against numpy on a matrix in memory."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from convexity.database.vector_search import vector_search

from benchmarks.databases import Database, compiled, milliseconds
from benchmarks.table import Table

# Settings of other machines' processors would slow numpy down; it reads them when it is imported.
for _name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(_name, None)

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

VECTORS: Final = 100_000
DIMENSIONS: Final = 384
CATEGORIES: Final = 100
NEAREST: Final = 10
QUERIES: Final = 20
_SCHEMA: Final = f"""\
from convexity.server import define_schema, define_table
from convexity.values import v

schema = define_schema(
    articles=define_table(category=v.string(), embedding=v.array(v.number())).vector_index(
        "by_embedding",
        vector_field="embedding",
        dimensions={DIMENSIONS},
        filter_fields=["category"],
    ),
)
"""

Matrix = NDArray[np.float32]


def run() -> Table:
    """Measure both in turns; return the table."""
    return asyncio.run(_measure())


async def _measure() -> Table:
    chance = np.random.default_rng(5)
    # Few digits, which keep the documents small: they are stored as JSON too.
    vectors = np.round(chance.standard_normal((VECTORS, DIMENSIONS)), 2)
    queries = chance.standard_normal((QUERIES, DIMENSIONS))
    matrix = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    table = Table(
        f"The {NEAREST} nearest of {VECTORS:,} vectors of {DIMENSIONS} dimensions, medians of"
        f" {QUERIES} searches",
        ("", "convexity ms", "numpy ms", "numpy / convexity", "recall"),
    )
    with tempfile.TemporaryDirectory() as name:
        async with compiled(Path(name) / "vectors", _SCHEMA) as database:
            await database.insert("articles", _documents(vectors))
            table.add("all", *await _compared(database, matrix, queries, None))
            table.add(
                f"one category of {CATEGORIES}", *await _compared(database, matrix, queries, 7)
            )
    return table


def _documents(vectors: NDArray[np.float64]) -> Iterator[dict[str, Any]]:
    for number, vector in enumerate(vectors):
        yield {"category": str(number % CATEGORIES), "embedding": vector.tolist()}


async def _compared(
    database: Database, matrix: Matrix, queries: NDArray[np.float64], category: int | None
) -> tuple[str, str, str, str]:
    """Times of both, their ratio, and how much of what numpy finds is found."""
    any_of = [] if category is None else [("category", str(category))]
    upcoming = iter(queries.tolist())
    found: list[list[float]] = []
    expected: list[list[float]] = []

    async def ours() -> None:
        async with database.reading() as transaction:
            hits = await vector_search(
                transaction,
                "articles",
                "by_embedding",
                vector=next(upcoming),
                limit=NEAREST,
                any_of=any_of,
            )
        found.append([hit["_score"] for hit in hits])

    async def numpys() -> None:
        scores = _numpy_scores(matrix, queries[len(expected)], category)
        expected.append(scores)

    our_time = await milliseconds(ours, QUERIES)
    their_time = await milliseconds(numpys, QUERIES)
    recalled = sum(
        score >= theirs[-1] - 1e-6
        for ours_, theirs in zip(found, expected, strict=True)
        for score in ours_
    )
    return (
        f"{our_time:.1f}",
        f"{their_time:.1f}",
        f"{their_time / our_time:.2f}x",
        f"{recalled / (QUERIES * NEAREST):.3f}",
    )


def _numpy_scores(matrix: Matrix, query: NDArray[np.float64], category: int | None) -> list[float]:
    """Scores of the nearest, best first: a product with all vectors, then a partial sort."""
    searched = matrix if category is None else matrix[category::CATEGORIES]
    towards = (query / np.linalg.norm(query)).astype(np.float32)
    scores = searched @ towards
    best = np.argpartition(-scores, NEAREST)[:NEAREST]
    ordered: list[float] = np.sort(scores[best])[::-1].tolist()
    return ordered
