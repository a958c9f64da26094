"""Vector search: the nearest by cosine, exactly, within the filters."""

from __future__ import annotations

import asyncio
import math
import tempfile
from pathlib import Path
from typing import Any

import pytest
from convexity.database.vector_search import vector_search
from convexity.database.writer import DatabaseWriter
from convexity.values import UNSET, Int64, v
from convexity.values.ordering import compare
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.database.by_hand import Database, deployed, make_table

FIELDS = v.object(
    n=v.number(),
    e=v.optional(v.any()),
    category=v.optional(v.any()),
    m=v.optional(v.object(k=v.optional(v.any()))),
    big=v.optional(v.int64()),
)
NOTES = make_table(
    "notes",
    FIELDS,
    vectors={"by_e": ("e", 3, ["category", "m.k", "big"]), "by_staged": ("e", 2, [])},
    staged={"by_staged": []},
)


async def hits(database: Database, vector: Any, index: str = "by_e", **options: Any) -> list[Any]:
    async with database.reading() as (_, transaction):
        return await vector_search(
            transaction,
            "notes",
            index,
            vector=vector,
            **{"limit": 10, "any_of": [], **options},
        )


async def nearest(database: Database, vector: Any, **options: Any) -> list[float]:
    found = await hits(database, vector, **options)
    async with database.reading() as (db, _):
        return [(await db.get(hit["_id"]) or {})["n"] for hit in found]


async def test_what_has_no_direction_or_another_size_is_not_found(tmp_path: Path) -> None:
    vectors: list[Any] = [
        [1, 0, 0], [1, 0], [1, 0, 0, 0], [0, 0, 0], [math.nan, 1, 0], [math.inf, 1, 0], None, "abc",
        [1, 0, "x"], [Int64(1), 0, 0], [True, 0, 0], {"x": 1}, [1e300, 1e300, 0], [1e-300, 0, 0],
        [5e-324, 0, 5e-324], [-1.7e308, 1.7e308, 0], [0, 0, -0.0],
    ]  # fmt: skip
    async with deployed(tmp_path / "app.db", NOTES) as database:
        await database.insert("notes", {"n": -1})
        await database.insert("notes", *({"n": float(n), "e": e} for n, e in enumerate(vectors)))
        found = await nearest(database, [1, 0, 0])
        assert found == [0, 13, 12, 14, 15]
        scores = [hit["_score"] for hit in await hits(database, [7, 0, 0])]
        half = 0.5**0.5
        assert scores == pytest.approx([1, 1, half, half, -half], abs=1e-6)


async def test_filters_tell_types_apart_and_any_of_them_suffices(tmp_path: Path) -> None:
    values: list[Any] = [UNSET, None, Int64(1), 1.0, True, "1", b"1", [1.0], "x" * 999]
    async with deployed(tmp_path / "app.db", NOTES) as database:
        for number, value in enumerate(values):
            fields = {} if value is UNSET else {"category": value}
            await database.insert("notes", {"n": number, "e": [1, number, 0], **fields})
        for number, value in enumerate(values):
            found = await nearest(database, [1, 0, 0], any_of=[("category", value)])
            assert found == [number]
        await database.insert("notes", {"n": 50, "e": [1, 50, 0], "m": {"k": "a"}, "big": Int64(5)})
        either = [("category", "1"), ("m.k", "a"), ("category", None)]
        assert await nearest(database, [1, 0, 0], any_of=either) == [1, 5, 50]
        assert await nearest(database, [1, 0, 0], any_of=[("big", 5)]) == [50]
        assert await nearest(database, [1, 0, 0], any_of=[("big", 5.0)]) == []
        assert await nearest(database, [1, 0, 0], any_of=either, limit=2) == [1, 5]


async def test_misuse(tmp_path: Path) -> None:
    refusals: list[tuple[dict[str, Any], type[Exception], str]] = [
        ({"vector": [1, 0]}, ValueError, "2 numbers, the index 3 dimensions"),
        ({"vector": [0, 0, 0]}, ValueError, "no direction"),
        ({"vector": [math.nan, 0, 0]}, ValueError, "no direction"),
        ({"vector": [10**400, 0, 0]}, ValueError, "no direction"),
        ({"vector": "abc"}, TypeError, "list of numbers"),
        ({"vector": 7}, TypeError, "list of numbers"),
        ({"vector": [1, "x", 0]}, TypeError, "something else than numbers"),
        ({"limit": 0}, ValueError, "from 1 to 256"),
        ({"limit": 257}, ValueError, "from 1 to 256"),
        ({"limit": True}, TypeError, "int"),
        ({"limit": 2.0}, TypeError, "int"),
        ({"any_of": [("category", 1)] * 65}, ValueError, "at most 64"),
        ({"any_of": [("nope", 1)]}, ValueError, "'nope'.*'category', 'm.k', 'big'"),
        ({"any_of": ["category"]}, TypeError, "list of pairs"),
        ({"any_of": [("category", object())]}, ValueError, "object"),
        ({"index": "nope"}, ValueError, "no vector index 'nope'; it has: by_e"),
        ({"index": "by_staged", "vector": [1, 2]}, ValueError, "staged"),
    ]
    async with deployed(tmp_path / "app.db", NOTES) as database:
        for options, error, message in refusals:
            with pytest.raises(error, match=message):
                await hits(database, options.pop("vector", [1, 0, 0]), **options)
        assert await hits(database, [1, 0, 0], limit=256, any_of=[("category", 1)] * 64) == []


async def test_writes_rollbacks_and_deployments(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    async with deployed(path, make_table("notes", FIELDS)) as database:
        first, second = await database.insert(
            "notes", {"n": 1, "e": [1, 0, 0]}, {"n": 2, "e": [1, 1, 0], "category": "a"}
        )
    async with deployed(
        path, make_table("notes", FIELDS, vectors={"by_e": ("e", 3, [])})
    ) as database:
        assert database.deployment.built_indexes == ("notes.by_e",)
        assert await nearest(database, [1, 0, 0]) == [1, 2]
    async with deployed(path, NOTES) as database:
        assert database.deployment.built_indexes == ("notes.by_e", "notes.by_staged")
        assert await nearest(database, [1, 0, 0], any_of=[("category", "a")]) == [2]

        async def failing(db: DatabaseWriter) -> None:
            await db.delete(first)
            await db.patch(second, {"e": [0, 0, 1]})
            await db.insert("notes", {"n": 3, "e": [1, 0, 0]})
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await database.mutate(failing)
        assert await nearest(database, [1, 0, 0]) == [1, 2]
        await database.mutate(lambda db: db.patch(first, {"e": [-1, 0, 0]}))
        await database.mutate(lambda db: db.patch(second, {"category": "b"}))
        assert await nearest(database, [1, 0, 0]) == [2, 1]
        assert await nearest(database, [1, 0, 0], any_of=[("category", "b")]) == [2]
        await database.mutate(lambda db: db.patch(second, {"e": UNSET}))
        assert await nearest(database, [1, 0, 0]) == [1]
        await database.mutate(lambda db: db.delete(first))
        assert await nearest(database, [1, 0, 0]) == []


coordinates = st.integers(-3, 3).map(float)
vectors = st.lists(coordinates, min_size=3, max_size=3)
categories = st.sampled_from([UNSET, "a", 1.0])


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.tuples(vectors, categories), min_size=1, max_size=30),
    vectors.filter(any),
    st.lists(categories, max_size=2),
    st.integers(1, 12),
)
def test_the_nearest_are_found(
    stored: list[tuple[list[float], Any]], vector: list[float], wanted: list[Any], limit: int
) -> None:
    def cosine(other: list[float]) -> float:
        return sum(a * b for a, b in zip(vector, other, strict=True)) / (
            math.hypot(*vector) * math.hypot(*other)
        )

    async def run(path: Path) -> None:
        async with deployed(path, NOTES) as database:
            await database.insert(
                "notes",
                *(
                    {"n": n, "e": e, **({} if c is UNSET else {"category": c})}
                    for n, (e, c) in enumerate(stored)
                ),
            )
            found = await hits(
                database, vector, limit=limit, any_of=[("category", c) for c in wanted]
            )
            expected = sorted(
                (
                    cosine(e)
                    for e, c in stored
                    if any(e) and (not wanted or any(compare(c, w) == 0 for w in wanted))
                ),
                reverse=True,
            )
            assert [hit["_score"] for hit in found] == pytest.approx(expected[:limit], abs=1e-6)

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder) / "app.db"))
