"""Full-text search: what is found, in which order, and within which limits."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from convexity.database.writer import DatabaseWriter
from convexity.values import UNSET, Int64, v

from tests.database.by_hand import Database, deployed, make_table

MESSAGES = make_table(
    "messages",
    v.object(
        body=v.optional(v.any()),
        channel=v.optional(v.any()),
        n=v.optional(v.int64()),
        author=v.optional(v.object(name=v.string())),
    ),
    search={
        "search_body": ("body", ["channel", "n", "author.name"]),
        "search_staged": ("body", []),
    },
    staged={"search_staged": []},
)


def search(db: Any, text: str, **filters: Any) -> Any:
    query = db.query("messages").with_search_index("search_body").search("body", text)
    for field, value in filters.items():
        query = query.eq(field.replace("__", "."), value)
    return query


async def found(database: Database, text: str, **filters: Any) -> list[Any]:
    async with database.reading() as (db, _):
        return [d["body"] for d in await search(db, text, **filters).collect()]


def bodies(*texts: Any, **fields: Any) -> list[dict[str, Any]]:
    return [{"body": text, **fields} for text in texts]


async def test_whole_words_and_the_beginning_of_the_last(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", MESSAGES) as database:
        await database.insert(
            "messages", *bodies("Hello, world!", "hello there", "Othello", "hell", "", None, 7)
        )
        await database.insert("messages", {})
        assert await found(database, "hello") == ["hello there", "Hello, world!"]
        assert await found(database, "HELLO") == ["hello there", "Hello, world!"]
        assert await found(database, "hell") == ["hell", "hello there", "Hello, world!"]
        assert await found(database, "hell no") == ["hell"]
        assert await found(database, "wor") == ["Hello, world!"]
        assert await found(database, "there world") == ["hello there", "Hello, world!"]
        assert await found(database, "thello") == []
        assert await found(database, "") == []
        assert await found(database, "?!") == []


async def test_more_relevant_ones_come_first_and_of_equal_ones_the_newest(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", MESSAGES) as database:
        await database.insert(
            "messages",
            *bodies(
                "apple tree", "apple apple tree", "a long text about an apple and other things"
            ),
            *bodies("apple tree", "pear tree", "tree house", "tree"),
        )
        assert await found(database, "apple") == [
            "apple apple tree",
            "apple tree",
            "apple tree",
            "a long text about an apple and other things",
        ]
        # A rare word counts more than a frequent one, the word itself more than its beginning.
        assert (await found(database, "pear tree"))[0] == "pear tree"
        await database.insert("messages", *bodies("app store", "appliance store"))
        assert (await found(database, "app"))[0] == "app store"
        async with database.reading() as (db, _):
            first, second = (
                d["_creationTime"]
                for d in await search(db, "apple").take(3)
                if d["body"] == "apple tree"
            )
            assert first > second


async def test_filters_tell_types_apart(tmp_path: Path) -> None:
    values: list[Any] = [UNSET, None, Int64(1), 1.0, True, "1", b"1", [1.0], {"a": 1.0}, "x" * 999]
    async with deployed(tmp_path / "app.db", MESSAGES) as database:
        await database.insert(
            "messages",
            *(
                {"body": f"word {i}", **({} if value is UNSET else {"channel": value})}
                for i, value in enumerate(values)
            ),
        )
        for i, value in enumerate(values):
            assert await found(database, "word", channel=value) == [f"word {i}"]
        assert await found(database, "word", channel=0.0) == []
        await database.insert("messages", *bodies("nested", n=Int64(5), author={"name": "Ann"}))
        assert await found(database, "nested", n=5) == ["nested"]
        assert await found(database, "nested", author__name="Ann") == ["nested"]
        assert await found(database, "nested", author__name="ann") == []
        assert await found(database, "nested", author__name="Ann", n=5, channel=UNSET) == ["nested"]
        assert await found(database, "nested", author__name="Ann", n=6) == []
        async with database.reading() as (db, _):
            contradiction = search(db, "nested", n=5).eq("n", 6)
            assert await contradiction.collect() == []


async def test_a_mutation_sees_its_own_writes_and_a_rollback_undoes_them(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", MESSAGES) as database:
        (kept,) = await database.insert("messages", *bodies("kept word"))

        async def work(db: DatabaseWriter, transaction: Any) -> None:
            async def now() -> list[str]:
                return [d["body"] for d in await search(db, "word").collect()]

            added = await db.insert("messages", {"body": "added word"})
            assert await now() == ["added word", "kept word"]
            with contextlib.suppress(RuntimeError):
                async with transaction.subtransaction(writable=True) as nested:
                    inner = DatabaseWriter(nested)
                    await inner.patch(added, {"body": "another text"})
                    await inner.delete(kept)
                    await inner.insert("messages", {"body": "inner word"})
                    assert [d["body"] for d in await search(inner, "word").collect()] == [
                        "inner word"
                    ]
                    raise RuntimeError("undo")
            assert await now() == ["added word", "kept word"]
            await db.patch(added, {"body": UNSET})
            await db.replace(kept, {"body": "replaced word"})
            assert await now() == ["replaced word"]

        await database.commit(work)
        assert await found(database, "word") == ["replaced word"]

        async def failing(db: DatabaseWriter) -> None:
            await db.delete(kept)
            assert await search(db, "word").collect() == []
            raise RuntimeError("undo")

        with pytest.raises(RuntimeError, match="undo"):
            await database.mutate(failing)
        assert await found(database, "word") == ["replaced word"]


async def test_take_filter_first_unique_and_iteration(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", MESSAGES) as database:
        await database.insert("messages", *bodies(*(f"word {i}" for i in range(40))))
        async with database.reading() as (db, _):
            query = search(db, "word")
            assert [d["body"] for d in await query.take(2)] == ["word 39", "word 38"]
            assert (await query.first())["body"] == "word 39"
            assert (await search(db, "38").unique())["body"] == "word 38"
            odd = query.filter(lambda q: q.neq(q.field("body"), "word 39"))
            assert [d["body"] for d in await odd.take(2)] == ["word 38", "word 37"]
            assert [d["body"] async for d in odd] == [f"word {i}" for i in range(38, -1, -1)]
            with pytest.raises(ValueError, match="relevance"):
                query.order("asc")

        async def work(db: DatabaseWriter) -> list[str]:
            seen = []
            async for d in search(db, "word"):
                seen.append(d["body"])
                await db.delete(d["_id"])
                ahead = await search(db, "word").first()
                if ahead:
                    await db.delete(ahead["_id"])
            return seen

        assert await database.mutate(work) == [f"word {i}" for i in range(39, -1, -2)]


async def test_pages(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", MESSAGES) as database:
        await database.insert(
            "messages", *bodies(*("word " * (i % 4 + 1) + str(i) for i in range(10)))
        )
        expected = await found(database, "word")
        pages: list[str] = []
        cursor = None
        while True:
            async with database.reading() as (db, _):
                page = await search(db, "word").paginate({"numItems": 3, "cursor": cursor})
            assert page["splitCursor"] is None
            pages += [d["body"] for d in page["page"]]
            cursor = page["continueCursor"]
            if page["isDone"]:
                break
        assert pages == expected
        async with database.reading() as (db, _):
            first = await search(db, "word").paginate({"numItems": 3, "cursor": None})
        async with database.reading() as (db, _):
            with pytest.raises(Exception, match="InvalidCursor"):
                await search(db, "words").paginate(
                    {"numItems": 3, "cursor": first["continueCursor"]}
                )


async def test_limits(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", MESSAGES) as database:
        await database.insert("messages", *bodies(*["word"] * 1024))
        assert len(await found(database, "word")) == 1024
        await database.insert("messages", *bodies("word"))
        with pytest.raises(ValueError, match=r"scanned too many documents \(fetched 1024\)"):
            await found(database, "word")
        async with database.reading() as (db, _):
            assert len(await search(db, "word").take(1024)) == 1024
            with pytest.raises(ValueError, match="scanned too many"):
                await search(db, "word").filter(lambda q: q.eq(1, 2)).take(1)
            query = search(db, "word")
            for _ in range(8):
                query = query.eq("channel", "a")
            with pytest.raises(ValueError, match="at most 8"):
                query.eq("channel", "a")
            with pytest.raises(ValueError, match=r"'body'.*filter field"):
                search(db, "x").eq("body", "a")
            with pytest.raises(ValueError, match="search field 'body'"):
                db.query("messages").with_search_index("search_body").search("channel", "x")
            with pytest.raises(TypeError, match="string"):
                db.query("messages").with_search_index("search_body").search("body", 7)
            with pytest.raises(ValueError, match="staged"):
                db.query("messages").with_search_index("search_staged")
        many = " ".join(f"w{i}" for i in range(16))
        await database.insert("messages", *bodies("w15 here", "w16 there", "w" * 32, "w" * 33))
        assert await found(database, many) == ["w15 here"]
        assert await found(database, f"{many} w16") == ["w15 here"]
        assert await found(database, "w" * 32) == ["w" * 32]
        assert await found(database, "w" * 33) == []
