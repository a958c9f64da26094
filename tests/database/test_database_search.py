"""Full-text search: what is found, in which order, and within which limits."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from convexity.database import transaction_reads
from convexity.database.sqlite.text_search import TextSearch
from convexity.database.text_index import TextIndex
from convexity.database.writer import DatabaseWriter
from convexity.errors import SchemaMismatchError
from convexity.values import UNSET, Int64, v

from tests.database.by_hand import Database, deployed, make_table
from tests.support.engines import ENGINE, sqlite_only, stored_tables

snapshot_module = import_module(f"convexity.database.{ENGINE}.snapshot")

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
                ahead = await search(db, "word").take(3)
                if len(ahead) == 3:
                    await db.delete(ahead[0]["_id"])
                    await db.patch(ahead[1]["_id"], {"body": "other text"})
                    await db.patch(ahead[2]["_id"], {"body": "word and more"})
                # This one may take the place of a deleted one.
                await db.insert("messages", {"body": "late"})
            return seen

        # 38 is deleted and 37 does not match any more, when 36 has changed, and so on.
        assert await database.mutate(work) == ["word 39", *["word and more"] * 13]


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


async def test_a_live_search_is_told_of_what_concerns_it_alone(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", MESSAGES) as database:
        best, other = await database.insert(
            "messages",
            {"body": "word word", "channel": "a"},
            {"body": "word and more", "channel": "a"},
        )
        (elsewhere,) = await database.insert("messages", {"body": "word", "channel": "b"})

        async def is_told(work: Any, text: str = "word", **filters: Any) -> bool:
            """Whether a search that reads the best result would have to run again."""
            async with database.reading() as (db, transaction):
                await search(db, text, **filters).take(1)
            commits: list[Any] = []
            remove = database.engine.on_commit(commits.append)
            await database.mutate(work)
            remove()
            return any(transaction.read_set.intersects(commit.writes) for commit in commits)

        def insert(**fields: Any) -> Any:
            return lambda db: db.insert("messages", fields)

        in_a = {"channel": "a"}
        assert await is_told(insert(body="some word", channel="a"), **in_a)
        assert await is_told(insert(body="words", channel="a"), **in_a)
        assert await is_told(insert(body="words", channel="a"))
        assert not await is_told(insert(body="wor ord", channel="a"), **in_a)
        assert not await is_told(insert(body="other text", channel="a"), **in_a)
        assert not await is_told(insert(body="words", channel="a"), "word zebra", **in_a)
        assert not await is_told(insert(body="some word", channel="b"), **in_a)
        assert await is_told(insert(body="some word", channel="b"))
        assert not await is_told(insert(channel="a"), **in_a)
        # A text with very many words is not told apart by words, but still by filters.
        long = " ".join(f"w{i}" for i in range(300))
        assert await is_told(insert(body=long, channel="a"), **in_a)
        assert not await is_told(insert(body=long, channel="b"), **in_a)
        # What a document is read for, and what it is found by.
        assert await is_told(lambda db: db.patch(best, {"n": Int64(1)}), **in_a)
        assert await is_told(lambda db: db.patch(best, {"author": {"name": "x"}}), **in_a)
        assert await is_told(lambda db: db.patch(other, {"body": "more"}), **in_a)
        assert await is_told(lambda db: db.patch(elsewhere, {"channel": "a"}), **in_a)
        assert await is_told(lambda db: db.patch(elsewhere, {"channel": "b"}), **in_a)
        assert not await is_told(lambda db: db.patch(elsewhere, {"channel": "c"}), **in_a)
        assert not await is_told(lambda db: db.delete(elsewhere), **in_a)
        assert await is_told(lambda db: db.delete(best), **in_a)


async def test_other_fields_of_results_that_were_not_read_do_not_matter(tmp_path: Path) -> None:
    table = make_table(
        "notes",
        v.object(body=v.string(), likes=v.number()),
        search={"search_body": ("body", [])},
    )
    async with deployed(tmp_path / "app.db", table) as database:
        read, unread = await database.insert(
            "notes", {"body": "word word", "likes": 0.0}, {"body": "a word", "likes": 0.0}
        )
        async with database.reading() as (db, transaction):
            query = db.query("notes").with_search_index("search_body").search("body", "word")
            assert (await query.first() or {})["_id"] == read
        for document, is_told in ((unread, False), (read, True)):
            committed = []
            remove = database.engine.on_commit(committed.append)
            await database.mutate(lambda db, d=document: db.patch(d, {"likes": 1.0}))
            remove()
            assert transaction.read_set.intersects(committed[0].writes) is is_told


async def test_deployments_build_change_rename_and_remove_indexes(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    documents = v.object(body=v.string(), other=v.string(), n=v.number())

    def with_search(**search: tuple[str, list[str]]) -> Any:
        return make_table("notes", documents, search=search)

    async def names(database: Database, index: str, field: str, text: str, **filters: Any) -> Any:
        async with database.reading() as (db, _):
            query = db.query("notes").with_search_index(index).search(field, text)
            for name, value in filters.items():
                query = query.eq(name, value)
            return [d["n"] for d in await query.collect()]

    def stores() -> set[str]:
        return {name for name in stored_tables(path) if name.startswith("notes__s")}

    async with deployed(path, with_search()) as database:
        await database.insert(
            "notes", *({"body": f"word {n}", "other": "thing", "n": float(n)} for n in range(3))
        )
        assert stores() == set()
    async with deployed(path, with_search(s=("body", []))) as database:
        assert database.deployment.built_indexes == ("notes.s",)
        assert await names(database, "s", "body", "word") == [2, 1, 0]
        with pytest.raises(ValueError, match="'n'"):
            await names(database, "s", "body", "word", n=1.0)
    async with deployed(path, with_search(s=("body", []))) as database:
        assert database.deployment.built_indexes == ()
        await database.insert("notes", {"body": "word", "other": "", "n": 3.0})
    async with deployed(path, with_search(s=("body", ["n"]))) as database:
        assert database.deployment.built_indexes == ("notes.s",)
        assert await names(database, "s", "body", "word", n=1.0) == [1]
        assert await names(database, "s", "body", "word") == [3, 2, 1, 0]
    async with deployed(path, with_search(s=("other", ["n"]))) as database:
        assert database.deployment.built_indexes == ("notes.s",)
        assert await names(database, "s", "other", "thing") == [2, 1, 0]
    async with deployed(path, with_search(s_new=("other", ["n"]))) as database:
        assert database.deployment.removed_indexes == ("notes.s",)
        assert database.deployment.built_indexes == ("notes.s_new",)
        assert await names(database, "s_new", "other", "thing") == [2, 1, 0]
        assert stores()
        assert all(name.startswith("notes__s_new") for name in stores())
    async with deployed(path, with_search()) as database:
        assert database.deployment.removed_indexes == ("notes.s_new",)
        assert stores() == set()


async def test_a_failed_deployment_leaves_the_index_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    loose, strict = v.object(body=v.any()), v.object(body=v.string())
    search = {"search_body": ("body", [])}
    async with deployed(path, make_table("notes", loose, search=search)) as database:
        await database.insert("notes", *bodies("word", 7))
    with pytest.raises(SchemaMismatchError):
        async with deployed(
            path, make_table("notes", strict, search={"search_other": ("body", [])})
        ):
            pass
    again = make_table("notes", loose, search=search)
    async with deployed(path, again) as database, database.reading() as (db, _):
        query = db.query("notes").with_search_index("search_body").search("body", "word")
        assert len(await query.collect()) == 1


async def test_of_very_many_matches_the_rarest_words_and_the_newest_are_ranked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transaction_reads, "MAX_SEARCH_RANKED", 5)
    monkeypatch.setattr(snapshot_module, "FEW", 3)
    async with deployed(tmp_path / "app.db", MESSAGES) as database:
        await database.insert("messages", *bodies("rare old", *["often"] * 9, "often new"))
        assert await found(database, "often rare") == [
            "rare old",
            "often",
            "often",
            "often",
            "often new",
        ]
        assert len(await found(database, "often")) == 5


@sqlite_only
async def test_a_cancelled_search_leaves_its_connection_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_module, "FEW", 0)
    began = threading.Event()
    real = TextSearch.rarest

    def slow(search: TextSearch, limit: int) -> Any:
        began.set()
        search._cursor.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
        ).fetchall()
        return real(search, limit)

    async with deployed(tmp_path / "app.db", MESSAGES) as database:
        await database.insert("messages", *bodies("word"))
        for run in (
            lambda: found(database, "word"),
            lambda: database.mutate(lambda db: search(db, "word").collect()),
        ):
            monkeypatch.setattr(TextSearch, "rarest", slow)
            began.clear()
            running = asyncio.ensure_future(run())
            await asyncio.to_thread(began.wait)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            monkeypatch.setattr(TextSearch, "rarest", real)
            assert await found(database, "word") == ["word"]
            assert await database.mutate(lambda db: search(db, "word").first())


@sqlite_only
async def test_searches_at_one_time_may_overlap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A snapshot that several use has one connection, which one thread at a time may use."""
    real = TextSearch.rarest

    def slow(search: TextSearch, limit: int) -> Any:
        search._cursor.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 4000000) "
            "SELECT max(i) FROM n"
        ).fetchall()
        return real(search, limit)

    monkeypatch.setattr(snapshot_module, "FEW", 0)
    monkeypatch.setattr(TextSearch, "rarest", slow)
    async with deployed(tmp_path / "app.db", MESSAGES) as database:
        await database.insert("messages", *bodies(*["word"] * 300))
        ts = await database.engine.latest_timestamp()
        await database.insert("messages", *bodies("late word"))

        async def found_then() -> int:
            async with database.reading(ts=ts) as (db, _):
                return len(await search(db, "word").collect())

        assert await asyncio.gather(found_then(), found_then()) == [300, 300]


async def test_long_texts_are_indexed_while_others_are_served(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", MESSAGES) as database:
        threads: set[int] = set()
        original = TextIndex.change

        def change(index: TextIndex, before: Any, after: Any) -> Any:
            threads.add(threading.get_ident())
            return original(index, before, after)

        long = "größe " * 20_000 + "last"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(TextIndex, "change", change)
            await database.insert("messages", *bodies(long))
        assert threading.get_ident() not in threads
        assert await found(database, "last") == [long]
