"""Reading queries to their end, one by one, and with conditions."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from convexity.database.filters import FilterBuilder
from convexity.database.writer import DatabaseWriter
from convexity.errors import NotUniqueError
from convexity.values import UNSET, Int64, v

from tests.database.by_hand import deployed, make_table

NOTES = make_table(
    "notes",
    v.object(n=v.number(), big=v.optional(v.int64()), author=v.optional(v.object(name=v.string()))),
    {"by_n": ["n"]},
    staged={"by_big": ["big"]},
    search={"search_name": ("author.name", [])},
)


def notes(*numbers: float) -> list[dict[str, Any]]:
    return [{"n": n} for n in numbers]


async def test_collect_take_first_unique(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        await database.insert("notes", *notes(*range(2000)))
        async with database.reading() as (db, _):
            by_n = db.query("notes").with_index("by_n")
            assert [d["n"] for d in await by_n.collect()] == list(range(2000))
            assert [d["n"] for d in await by_n.order("desc").take(1500)] == list(
                range(1999, 499, -1)
            )
            assert await by_n.take(0) == []
            assert (await by_n.gt("n", 7).first() or {})["n"] == 8
            assert await by_n.gt("n", 9999).first() is None
            assert await by_n.eq("n", 9999).unique() is None
            assert (await by_n.eq("n", 3).unique() or {})["n"] == 3
            with pytest.raises(NotUniqueError, match="more than one result from table 'notes'"):
                await by_n.lt("n", 3).unique()
            with pytest.raises(ValueError, match="at least 0"):
                await by_n.take(-1)
            with pytest.raises(TypeError, match="int"):
                await by_n.take(cast("int", 1.5))


async def test_an_iteration_reads_only_what_it_needs(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        await database.insert("notes", *notes(*range(1000)))
        async with database.reading() as (db, transaction):
            seen = []
            async for note in db.query("notes").with_index("by_n"):
                seen.append(note["n"])
                if note["n"] == 2:
                    break
            assert seen == [0, 1, 2]
            assert transaction.metrics().documents_read.used < 50
            assert [note["n"] async for note in db.query("notes")] == list(range(1000))


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_the_current_document_may_be_deleted_or_patched(tmp_path: Path, order: Any) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        await database.insert("notes", *notes(*range(300)))

        async def work(db: DatabaseWriter) -> list[float]:
            seen = []
            async for note in db.query("notes").with_index("by_n").order(order):
                seen.append(note["n"])
                if note["n"] % 2:
                    await db.delete(note["_id"])
                else:
                    await db.patch(note["_id"], {"author": {"name": "seen"}})
            return seen

        assert sorted(await database.mutate(work)) == list(range(300))
        left = await database.all("notes")
        assert {note["n"] for note in left} == set(range(0, 300, 2))
        assert all(note["author"] == {"name": "seen"} for note in left)


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_an_iteration_sees_writes_ahead_of_it(tmp_path: Path, order: Any) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        ids = await database.insert("notes", *notes(*range(10)))
        step = 1 if order == "asc" else -1

        async def work(db: DatabaseWriter) -> list[float]:
            seen = []
            async for note in db.query("notes").with_index("by_n").order(order):
                seen.append(note["n"])
                if note["n"] == 5:
                    await db.delete(ids[5 + 2 * step])
                    await db.insert("notes", {"n": 5 + 3.5 * step})
                    await db.insert("notes", {"n": 5 - 3.5 * step})
                    await db.insert("notes", {"n": 5 + 100 * step})
            return seen

        ascending = [0, 1, 2, 3, 4, 5, 6, 8, 8.5, 9, 105]
        descending = [9, 8, 7, 6, 5, 4, 2, 1.5, 1, 0, -95]
        assert await database.mutate(work) == (ascending if order == "asc" else descending)


async def test_a_document_moved_ahead_is_met_again(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        await database.insert("notes", *notes(1, 2, 3))

        async def work(db: DatabaseWriter) -> list[float]:
            seen = []
            async for note in db.query("notes").with_index("by_n"):
                seen.append(note["n"])
                if note["n"] < 10:
                    await db.patch(note["_id"], {"n": note["n"] + 10})
            return seen

        assert await database.mutate(work) == [1, 2, 3, 11, 12, 13]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (lambda q: q.eq(q.field("n"), 2), [2]),
        (lambda q: q.neq(q.field("n"), 2), [1, 3]),
        (lambda q: q.eq(q.field("big"), 7), [1]),
        (lambda q: q.eq(q.field("big"), 7.0), []),
        (lambda q: q.gt(q.field("big"), 6), [1]),
        (lambda q: q.eq(q.field("big"), UNSET), [3]),
        (lambda q: q.eq(q.field("author.name"), "Ann"), [2]),
        (lambda q: q.lt(q.field("author"), None), [1, 3]),
        (lambda q: q.gte(q.mul(q.field("n"), 2), 4), [2, 3]),
        (lambda q: q.lte(q.sub(q.add(q.field("n"), 1), 1.5), 1), [1]),
        (lambda q: q.eq(q.mod(q.field("n"), 2), 1), [1, 3]),
        (lambda q: q.eq(q.div(q.neg(q.field("n")), 2), -1), [2]),
        (lambda q: q.gt(q.div(q.field("n"), 0), 1e300), [1, 2, 3]),
        (lambda q: q.or_(q.eq(q.field("n"), 1), q.eq(q.field("n"), 3)), [1, 3]),
        (lambda q: q.and_(q.gt(q.field("n"), 1), q.not_(q.eq(q.field("n"), 3))), [2]),
        (lambda q: q.field("no.such.field"), []),
        (lambda q: True, [1, 2, 3]),
    ],
)
async def test_conditions(tmp_path: Path, condition: Any, expected: list[int]) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        await database.insert(
            "notes",
            {"n": 1, "big": Int64(7)},
            {"n": 2, "big": Int64(-7), "author": {"name": "Ann"}},
            {"n": 3},
        )
        async with database.reading() as (db, _):
            found = await db.query("notes").filter(condition).collect()
        assert [note["n"] for note in found] == expected


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (lambda q: q.field("n"), "needs a boolean"),
        (lambda q: q.add(q.field("n"), "x"), "two numbers of one type"),
        (lambda q: q.add(q.field("n"), Int64(1)), "two numbers of one type"),
        (lambda q: q.eq(q.field("n"), object()), "neither an expression nor a Convex value"),
        (lambda q: q.nothing(), "nothing"),
    ],
)
async def test_wrong_conditions(tmp_path: Path, condition: Any, message: str) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        await database.insert("notes", {"n": 1})
        async with database.reading() as (db, _):
            with pytest.raises((TypeError, AttributeError), match=message):
                await db.query("notes").filter(condition).collect()


async def test_int64_arithmetic_truncates_and_has_bounds(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        await database.insert("notes", {"n": 1, "big": -7})

        async def holds(condition: Any) -> bool:
            async with database.reading() as (db, _):
                return await db.query("notes").filter(condition).first() is not None

        assert await holds(lambda q: q.eq(q.div(q.field("big"), 2), Int64(-3)))
        assert await holds(lambda q: q.eq(q.mod(q.field("big"), 2), Int64(-1)))
        with pytest.raises(ValueError, match="out of range"):
            await holds(lambda q: q.eq(q.add(q.field("big"), Int64(-(2**63))), 0))
        with pytest.raises(ZeroDivisionError):
            await holds(lambda q: q.eq(q.div(q.field("big"), 0), 0))


async def test_a_query_has_at_most_256_filters(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database, database.reading() as (db, _):
        query: Any = db.query("notes")
        for _ in range(256):
            query = query.filter(lambda q: q.gt(q.field("n"), 0))
        with pytest.raises(ValueError, match="at most 256 filters"):
            query.filter(lambda q: q.gt(q.field("n"), 0))


async def test_index_names_are_checked(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database, database.reading() as (db, _):
        with pytest.raises(
            ValueError, match=r"no such index: 'nope'.*by_creation_time, by_id, by_n"
        ):
            db.query("notes").with_index("nope")
        with pytest.raises(ValueError, match="staged"):
            db.query("notes").with_index("by_big")
        with pytest.raises(ValueError, match=r"no such index: 'nope'.*search_name"):
            db.query("notes").with_search_index("nope")


def test_conditions_are_told_apart() -> None:
    q = FilterBuilder()
    forms = {
        q.eq(q.field("a"), value).form for value in (1, 1.0, Int64(1), True, "1", None, UNSET, b"1")
    } | {q.eq("field('a')", 1).form, q.eq(q.field("a,b"), 1).form, q.neq(q.field("a"), 1).form}
    assert len(forms) == 11
