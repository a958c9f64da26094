"""Index scans against the order of values, for mixed values and all kinds of ranges."""

from __future__ import annotations

import asyncio
import functools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from convexity.database.query import IndexRange
from convexity.database.writer import DatabaseWriter
from convexity.values import UNSET, Int64, v
from convexity.values.ordering import compare
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.database.by_hand import Database, deployed, make_table

ITEMS = make_table(
    "items",
    v.object(a=v.optional(v.any()), b=v.optional(v.any())),
    {"by_a": ["a"], "by_a_and_b": ["a", "b"]},
)

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1).map(Int64)
    | st.floats()
    | st.sampled_from([0.0, -0.0, 1.0, Int64(0), Int64(1), "", "\x00", "a\x00", "a\x01", "é", "😀"])
    | st.text(max_size=4)
    | st.binary(max_size=4)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner),
    max_leaves=4,
)
fields = st.just(UNSET) | values
few_fields = st.sampled_from([UNSET, None, Int64(1), 1.0, False, "x", b"x", [1.0], {"x": 1.0}])
bounds = st.sampled_from(["gt", "gte", None]), st.sampled_from(["lt", "lte", None])

HOLDS: dict[str, Callable[[int], bool]] = {
    "gt": lambda order: order > 0,
    "gte": lambda order: order >= 0,
    "lt": lambda order: order < 0,
    "lte": lambda order: order <= 0,
}


def document(a: Any, b: Any = UNSET) -> dict[str, Any]:
    return {name: value for name, value in (("a", a), ("b", b)) if value is not UNSET}


def by_fields(*names: str) -> Any:
    def order(left: dict[str, Any], right: dict[str, Any]) -> int:
        for name in (*names, "_creationTime"):
            result = compare(left.get(name, UNSET), right.get(name, UNSET))
            if result:
                return result
        return 0

    return functools.cmp_to_key(order)


def with_bound(query: IndexRange[Any], method: str | None, field: str, value: Any) -> Any:
    return query if method is None else getattr(query, method)(field, value)


def run(check: Callable[[Database], Any]) -> None:
    async def main() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with deployed(Path(folder) / "app.db", ITEMS) as database:
                await check(database)

    asyncio.run(main())


@settings(deadline=None, max_examples=40)
@given(st.lists(fields, min_size=1, max_size=12), fields, fields, *bounds, st.booleans())
def test_a_range_holds_what_the_order_says(
    stored: list[Any], low: Any, high: Any, lower: str | None, upper: str | None, descending: bool
) -> None:
    async def check(database: Database) -> None:
        await database.insert("items", *map(document, stored))
        async with database.reading() as (db, _):
            query = db.query("items").with_index("by_a")
            query = with_bound(with_bound(query, lower, "a", low), upper, "a", high)
            found = await query.order("desc" if descending else "asc").collect()
            everything = await db.query("items").collect()
        expected = [
            doc
            for doc in sorted(everything, key=by_fields("a"), reverse=descending)
            if (lower is None or HOLDS[lower](compare(doc.get("a", UNSET), low)))
            and (upper is None or HOLDS[upper](compare(doc.get("a", UNSET), high)))
        ]
        assert [doc["_id"] for doc in found] == [doc["_id"] for doc in expected]

    run(check)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(few_fields, fields), min_size=1, max_size=16), few_fields, fields, *bounds
)
def test_equality_then_a_range_on_the_next_field(
    stored: list[tuple[Any, Any]], a: Any, limit: Any, lower: str | None, upper: str | None
) -> None:
    async def check(database: Database) -> None:
        await database.insert("items", *(document(*pair) for pair in stored))
        async with database.reading() as (db, _):
            query = db.query("items").with_index("by_a_and_b").eq("a", a)
            query = with_bound(with_bound(query, lower, "b", limit), upper, "b", limit)
            found = await query.collect()
            everything = await db.query("items").collect()
        expected = [
            doc
            for doc in sorted(everything, key=by_fields("a", "b"))
            if compare(doc.get("a", UNSET), a) == 0
            and (lower is None or HOLDS[lower](compare(doc.get("b", UNSET), limit)))
            and (upper is None or HOLDS[upper](compare(doc.get("b", UNSET), limit)))
        ]
        assert [doc["_id"] for doc in found] == [doc["_id"] for doc in expected]

    run(check)


@settings(deadline=None, max_examples=25)
@given(st.lists(few_fields, max_size=12), few_fields, few_fields)
def test_filters_and_indexes_agree(stored: list[Any], low: Any, high: Any) -> None:
    async def check(database: Database) -> None:
        await database.insert("items", *map(document, stored))
        async with database.reading() as (db, _):
            ranged = (
                await db.query("items").with_index("by_a").gte("a", low).lt("a", high).collect()
            )
            filtered = (
                await db.query("items")
                .with_index("by_a")
                .filter(lambda q: q.and_(q.gte(q.field("a"), low), q.lt(q.field("a"), high)))
                .collect()
            )
        assert ranged == filtered

    run(check)


async def test_by_id_is_an_index(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", ITEMS) as database:
        ids = sorted(await database.insert("items", *[{}] * 9))
        async with database.reading() as (db, _):
            by_id = db.query("items").with_index("by_id")
            assert [d["_id"] for d in await by_id.collect()] == ids
            assert [d["_id"] for d in await by_id.order("desc").take(3)] == ids[:-4:-1]
            assert [
                d["_id"] for d in await by_id.gt("_id", ids[2]).lte("_id", ids[5]).collect()
            ] == (ids[3:6])
            assert [d["_id"] for d in await by_id.gte("_id", ids[2][:-1]).collect()] == ids[2:]
            found = await by_id.eq("_id", ids[4]).unique()
            assert found is not None
            assert found["_id"] == ids[4]
            assert await by_id.gt("_id", None).collect() == await by_id.collect()
            assert await by_id.gt("_id", b"").collect() == []


async def test_keys_may_be_long_and_differ_at_their_ends(tmp_path: Path) -> None:
    lengths = (1990, 1994, 1995, 1996, 1997, 1998, 2000, 5000, 100_000)
    texts = sorted("x" * length + end for length in lengths for end in ("", "a", "b"))
    async with deployed(tmp_path / "app.db", ITEMS) as database:
        shuffled = texts[::2] + texts[1::2]
        ids = dict(
            zip(
                shuffled, await database.insert("items", *({"a": t} for t in shuffled)), strict=True
            )
        )
        async with database.reading() as (db, _):
            by_a = db.query("items").with_index("by_a")
            assert [d["a"] for d in await by_a.collect()] == texts
            assert [d["a"] for d in await by_a.order("desc").take(5)] == texts[:-6:-1]
            for n, text in enumerate(texts):
                assert [d["a"] for d in await by_a.gt("a", text).collect()] == texts[n + 1 :]
                assert [d["_id"] for d in await by_a.eq("a", text).collect()] == [ids[text]]

        async def change(db: DatabaseWriter) -> list[str]:
            for text in texts[::3]:
                await db.patch(ids[text], {"a": text + "c"})
            await db.delete(ids[texts[1]])
            return [d["a"] for d in await db.query("items").with_index("by_a").collect()]

        changed = sorted([t + "c" if n % 3 == 0 else t for n, t in enumerate(texts) if n != 1])
        assert await database.mutate(change) == changed
        async with database.reading() as (db, _):
            found = await db.query("items").with_index("by_a").collect()
            assert [d["a"] for d in found] == changed


async def test_creation_time_breaks_ties_and_descends_with_the_order(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", ITEMS) as database:
        ids = await database.insert("items", *[{"a": "same"}] * 105)
        async with database.reading() as (db, _):
            tied = db.query("items").with_index("by_a").eq("a", "same")
            assert [d["_id"] for d in await tied.collect()] == ids
            assert [d["_id"] for d in await tied.order("desc").collect()] == ids[::-1]
            middle = (await tied.collect())[50]["_creationTime"]
            assert len(await tied.gt("_creationTime", middle).collect()) == 54


async def test_a_plain_int_means_int64_where_the_field_holds_nothing_else(tmp_path: Path) -> None:
    counters = make_table(
        "counters", v.object(n=v.optional(v.int64()), x=v.number()), {"by_n": ["n"], "by_x": ["x"]}
    )
    async with deployed(tmp_path / "app.db", counters) as database:
        await database.insert("counters", {"n": 5, "x": 5})
        async with database.reading() as (db, _):
            assert await db.query("counters").with_index("by_n").eq("n", 5).first() is not None
            assert await db.query("counters").with_index("by_n").eq("n", 5.0).first() is None
            assert await db.query("counters").with_index("by_x").eq("x", 5).first() is not None


@pytest.mark.parametrize(
    ("misuse", "message"),
    [
        (lambda q: q.eq("b", 1), "the next field is 'a'"),
        (lambda q: q.gt("a", 1).eq("a", 2), "must come before the lower bound"),
        (lambda q: q.gt("a", 1).gte("a", 2), "must come before the lower bound"),
        (lambda q: q.lt("a", 1).gt("a", 2), "must come before the upper bound"),
        (lambda q: q.lt("a", 1).lt("a", 2), "second upper bound"),
        (lambda q: q.eq("a", 1).gt("a", 2), "the next field is 'b'"),
        (lambda q: q.gt("a", 1).lt("b", 2), "the next field is 'a'"),
        (
            lambda q: q.eq("a", 1).eq("b", 1).eq("_creationTime", 1).eq("_id", ""),
            "no field is left",
        ),
        (lambda q: q.eq("a", object()), "object"),
        (lambda q: q.order("up"), '"asc" or "desc"'),
    ],
)
async def test_misuse_of_a_range_is_refused(tmp_path: Path, misuse: Any, message: str) -> None:
    async with deployed(tmp_path / "app.db", ITEMS) as database, database.reading() as (db, _):
        with pytest.raises(ValueError, match=message):
            misuse(db.query("items").with_index("by_a_and_b"))
