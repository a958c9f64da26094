"""Laws of pages: nothing missing, nothing twice, whatever happens between them."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any, cast

import pytest
from convexity.database.filters import FilterBuilder, FilterExpression
from convexity.database.pagination import (
    PaginationOptions,
    pagination_opts_validator,
    pagination_result_validator,
)
from convexity.database.query import OrderedQuery
from convexity.database.reader import DatabaseReader
from convexity.errors import InvalidCursorError
from convexity.values import v
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.database.by_hand import Database, deployed, make_table

NOTES = make_table("notes", v.object(n=v.number(), tag=v.string()), {"by_n": ["n"]})


def query(db: DatabaseReader, order: Any, *, filtered: bool = False) -> OrderedQuery[Any]:
    found = db.query("notes").with_index("by_n").order(order)
    return found.filter(even) if filtered else found


def even(q: FilterBuilder) -> FilterExpression:
    return q.eq(q.mod(q.field("n"), 2), 0)


async def page_of(
    database: Database, order: Any, journal: str | None = None, filtered: bool = False, **opts: Any
) -> dict[str, Any]:
    async with database.reading(journal=journal) as (db, transaction):
        options = cast("PaginationOptions", {"numItems": 3, "cursor": None, **opts})
        page: Any = await query(db, order, filtered=filtered).paginate(options)
        assert transaction.journal_out == page["continueCursor"]
    pagination_result_validator(v.any()).validate(page)
    return dict(page)


async def insert(database: Database, numbers: list[int]) -> None:
    await database.insert("notes", *({"n": n, "tag": "x"} for n in numbers))


def numbers_of(page: dict[str, Any]) -> list[float]:
    return [doc["n"] for doc in page["page"]]


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.integers(0, 20), max_size=20),
    st.lists(st.lists(st.integers(0, 20), max_size=3), max_size=8),
    st.integers(1, 5),
    st.sampled_from(["asc", "desc"]),
    st.booleans(),
)
def test_pinned_pages_have_no_gap_and_no_duplicate(
    stored: list[int], between: list[list[int]], size: int, order: str, filtered: bool
) -> None:
    """Pages are read with inserts in between, then read again between their own ends."""

    async def check(path: Path) -> None:
        async with deployed(path, NOTES) as database:
            await insert(database, stored)
            ends: list[str] = []
            later = iter(between)
            done = False
            while not done:
                cursor = ends[-1] if ends else None
                page = await page_of(
                    database, order, cursor=cursor, numItems=size, filtered=filtered
                )
                done = page["isDone"]
                assert len(page["page"]) == size or done
                ends.append(page["continueCursor"])
                await insert(database, next(later, []))
            again: list[float] = []
            for start, end in zip([None, *ends], ends, strict=False):
                page = await page_of(
                    database, order, cursor=start, endCursor=end, filtered=filtered
                )
                assert page["continueCursor"] == end
                assert page["isDone"] is (end == ends[-1])
                again += numbers_of(page)
                journaled = await page_of(
                    database, order, cursor=start, journal=end, filtered=filtered
                )
                assert journaled == page
            async with database.reading() as (db, _):
                expected = await query(db, order, filtered=filtered).collect()
            assert again == [doc["n"] for doc in expected]

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(check(Path(folder) / "app.db"))


@settings(deadline=None, max_examples=20)
@given(
    st.lists(st.integers(0, 20), max_size=12),
    st.integers(1, 12),
    st.sampled_from(["asc", "desc"]),
)
def test_the_halves_of_a_split_page_unite_to_it(stored: list[int], size: int, order: str) -> None:
    async def check(path: Path) -> None:
        async with deployed(path, NOTES) as database:
            await insert(database, stored)
            page = await page_of(database, order, numItems=size)
            split, end = page["splitCursor"], page["continueCursor"]
            assert (split is not None) is (len(page["page"]) > 2)
            if split is None:
                return
            first = await page_of(database, order, endCursor=split)
            second = await page_of(database, order, cursor=split, endCursor=end)
            assert len(first["page"]) == len(page["page"]) // 2 + 1
            assert first["page"] + second["page"] == page["page"]
            assert second["isDone"] is page["isDone"]

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(check(Path(folder) / "app.db"))


async def test_a_full_page_is_not_the_end(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        await insert(database, [1, 2, 3])
        page = await page_of(database, "asc")
        assert page["isDone"] is False
        last = await page_of(database, "asc", cursor=page["continueCursor"])
        assert (last["page"], last["isDone"], last["splitCursor"], last["pageStatus"]) == (
            [],
            True,
            None,
            None,
        )
        beyond = await page_of(database, "asc", cursor=last["continueCursor"])
        assert (beyond["page"], beyond["isDone"]) == ([], True)


async def test_a_first_page_that_reached_the_end_stays_open(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        await insert(database, [1])
        journal = (await page_of(database, "asc"))["continueCursor"]
        await insert(database, list(range(2, 9)))
        page = await page_of(database, "asc", journal=journal)
        assert numbers_of(page) == [1, 2, 3, 4, 5, 6, 7, 8]
        assert page["isDone"] is True


async def test_budgets_end_a_page_early(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        await insert(database, list(range(20)))
        page = await page_of(database, "asc", numItems=10, maximumRowsRead=4)
        assert (numbers_of(page), page["pageStatus"]) == ([0, 1, 2, 3], "SplitRequired")
        assert page["splitCursor"] is not None
        page = await page_of(database, "asc", numItems=10, maximumBytesRead=1)
        assert (numbers_of(page), page["pageStatus"]) == ([0], "SplitRequired")
        page = await page_of(database, "asc", numItems=4, maximumRowsRead=5)
        assert (numbers_of(page), page["pageStatus"]) == ([0, 1, 2, 3], "SplitRecommended")
        page = await page_of(database, "asc", numItems=4, maximumRowsRead=4)
        assert page["pageStatus"] == "SplitRecommended"
        page = await page_of(database, "asc", numItems=2, maximumRowsRead=9)
        assert page["pageStatus"] is None
        page = await page_of(database, "asc", numItems=9, maximumRowsRead=4, filtered=True)
        assert (numbers_of(page), page["pageStatus"]) == ([0, 2], "SplitRequired")


async def test_a_filter_fills_pages(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        await insert(database, list(range(1000)))
        page = await page_of(database, "desc", numItems=4, filtered=True)
        assert numbers_of(page) == [998, 996, 994, 992]
        after = await page_of(
            database, "desc", numItems=2, filtered=True, cursor=page["continueCursor"]
        )
        assert numbers_of(after) == [990, 988]


async def test_a_cursor_belongs_to_its_query(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        await insert(database, list(range(9)))
        cursor = (await page_of(database, "asc"))["continueCursor"]
        refused = [
            page_of(database, "desc", cursor=cursor),
            page_of(database, "asc", cursor=cursor, filtered=True),
            page_of(database, "asc", endCursor=cursor, filtered=True),
            page_of(database, "asc", cursor=cursor[:-2]),
            page_of(database, "asc", cursor=("B" if cursor[0] == "A" else "A") + cursor[1:]),
            page_of(database, "asc", cursor="nonsense"),
            page_of(database, "asc", cursor=""),
            page_of(database, "asc", cursor="é"),
            page_of(database, "asc", cursor=1.0),
        ]
        for attempt in refused:
            with pytest.raises(InvalidCursorError, match=r"^InvalidCursor: ") as info:
                await attempt
            assert info.value.data == {
                "isConvexSystemError": True,
                "paginationError": "InvalidCursor",
            }
        async with database.reading() as (db, _):
            with pytest.raises(InvalidCursorError):
                await (
                    db.query("notes")
                    .with_index("by_n")
                    .gt("n", 0)
                    .paginate({"numItems": 1, "cursor": cursor})
                )


async def test_a_cursor_hides_values_and_is_deterministic(tmp_path: Path) -> None:
    tagged = make_table("notes", v.object(n=v.number(), tag=v.string()), {"by_n": ["tag"]})
    async with deployed(tmp_path / "app.db", tagged) as database:
        await database.insert("notes", *({"n": 1, "tag": "confidential" * 20} for _ in range(9)))
        pages = [await page_of(database, "asc") for _ in range(2)]
        assert pages[0] == pages[1]
        second = await page_of(database, "asc", cursor=pages[0]["continueCursor"])
        assert len(second["page"]) == 3
        assert second["continueCursor"][30:60] != pages[0]["continueCursor"][30:60]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"numItems": 0}, "Must request at least 1 document while paginating"),
        ({"numItems": -1}, "Must request at least 1"),
        ({"numItems": 32_001}, "at most 32000"),
        ({"numItems": 1.5}, "whole number"),
        ({"numItems": None}, "whole number"),
        ({"numItems": float("inf")}, "whole number"),
        ({"numItems": float("nan")}, "whole number"),
        ({"maximumRowsRead": 0}, "maximumRowsRead .* at least 1"),
        ({"maximumBytesRead": 0}, "maximumBytesRead .* at least 1"),
    ],
)
async def test_options_out_of_range(tmp_path: Path, options: Any, message: str) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        with pytest.raises(ValueError, match=message):
            await page_of(database, "asc", **options)


async def test_a_function_reads_one_page(tmp_path: Path) -> None:
    options: PaginationOptions = {"numItems": 1, "cursor": None}
    async with (
        deployed(tmp_path / "app.db", NOTES) as database,
        database.reading() as (db, transaction),
    ):
        await query(db, "asc").paginate(options)
        with pytest.raises(ValueError, match="once"):
            await query(db, "asc").paginate(options)
        async with transaction.subtransaction(writable=False) as nested:
            await query(DatabaseReader(nested), "asc").paginate(options)


def test_clients_may_send_an_id() -> None:
    options = {"numItems": 3.0, "cursor": None, "id": 17.0}
    assert pagination_opts_validator.validate(options) == options
