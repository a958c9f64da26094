"""Transactions: atomic, nested ones too; what a function may do with documents."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import tempfile
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pytest
from convexity.database.transaction import Transaction
from convexity.database.writer import DatabaseWriter
from convexity.errors import (
    ContextError,
    DocumentNotFoundError,
    InvalidIdError,
    SchemaValidationError,
)
from convexity.values import UNSET, Id, v
from convexity.values.ids import encode_id
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.database.by_hand import Database, deployed, make_table

NOTES = make_table(
    "notes",
    v.object(
        text=v.string(), rank=v.optional(v.number()), other=v.optional(v.nullable(v.id("notes")))
    ),
    {"by_rank": ["rank"]},
)
PLACES = make_table(
    "places", v.union(v.object(kind=v.literal("a"), n=v.int64()), v.object(kind=v.literal("b")))
)

Model = dict[str, dict[str, Any]]


class Undo(Exception):
    """Leaves a transaction so that it is rolled back."""


operations = st.recursive(
    st.tuples(
        st.sampled_from(["insert", "patch", "replace", "delete"]),
        st.integers(0, 5),
        st.floats(0, 9),
    ),
    lambda inner: st.tuples(st.just("nested"), st.lists(inner, max_size=5), st.booleans()),
    max_leaves=12,
)


async def apply(transaction: Transaction, model: Model, steps: list[Any]) -> None:
    db = DatabaseWriter(transaction)
    for kind, argument, detail in steps:
        known = sorted(model)
        if kind == "nested":
            saved = copy.deepcopy(model)
            try:
                async with transaction.subtransaction(writable=True) as nested:
                    await apply(nested, model, argument)
                    if detail:
                        raise Undo
            except Undo:
                model.clear()
                model.update(saved)
        elif kind == "insert":
            document_id = await db.insert("notes", {"text": "new", "rank": detail})
            stored = await db.get(document_id)
            assert stored is not None
            model[document_id] = stored
        elif known:
            document_id = known[argument % len(known)]
            if kind == "patch":
                await db.patch(document_id, {"rank": UNSET, "text": str(detail)})
                model[document_id].pop("rank", None)
                model[document_id]["text"] = str(detail)
            elif kind == "replace":
                await db.replace(document_id, {"text": "replaced", "rank": detail})
                model[document_id] = {
                    **{name: model[document_id][name] for name in ("_id", "_creationTime")},
                    "text": "replaced",
                    "rank": detail,
                }
            else:
                await db.delete(document_id)
                del model[document_id]


async def assert_holds(database: Database, model: Model) -> None:
    async with database.reading() as (db, _):
        for query in (db.query("notes"), db.query("notes").with_index("by_rank")):
            assert {doc["_id"]: doc for doc in await query.collect()} == model
        assert await db.get_many([cast("Id[Any]", key) for key in model]) == list(model.values())


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.lists(operations, max_size=6), st.booleans()), max_size=5))
def test_transactions_leave_what_a_model_says(mutations: list[tuple[list[Any], bool]]) -> None:
    async def check(path: Path) -> None:
        async with deployed(path, NOTES) as database:
            committed: Model = {}
            for steps, undo in mutations:
                model = copy.deepcopy(committed)

                async def work(
                    _: DatabaseWriter,
                    transaction: Transaction,
                    model: Model = model,
                    steps: list[Any] = steps,
                    undo: bool = undo,
                ) -> None:
                    await apply(transaction, model, steps)
                    if undo:
                        raise Undo

                try:
                    await database.commit(work)
                    committed = model
                except Undo:
                    pass
                await assert_holds(database, committed)

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(check(Path(folder) / "app.db"))


def patching(
    document_id: Id[Any], change: dict[str, Any]
) -> Callable[[DatabaseWriter], Awaitable[None]]:
    return lambda db: db.patch(document_id, change)


async def test_a_mutation_reads_its_own_writes(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:

        async def work(db: DatabaseWriter) -> None:
            note = await db.insert("notes", {"text": "a", "rank": 1})
            assert (await db.get(note) or {})["rank"] == 1.0
            await db.patch(note, {"rank": 2})
            assert await db.query("notes").with_index("by_rank").eq("rank", 1).first() is None
            assert await db.query("notes").with_index("by_rank").eq("rank", 2).unique() is not None
            await db.delete(note)
            assert await db.query("notes").collect() == []

        await database.mutate(work)


async def test_creation_times_increase_within_and_across_mutations(tmp_path: Path) -> None:
    clock = iter([10**18, 10**18, 10**18 - 10**9, 10**18]).__next__
    async with deployed(tmp_path / "app.db", NOTES, clock=clock) as database:
        for _ in range(4):
            await database.insert("notes", *[{"text": "x"}] * 50)
        times = [doc["_creationTime"] for doc in await database.all("notes")]
        assert len(times) == 200
        assert times[0] == 10**12
        assert times == sorted(set(times))


async def test_documents_are_the_callers_own(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        note = (await database.insert("notes", {"text": "kept"}))[0]
        async with database.reading() as (db, _):
            first = await db.get(note)
            assert first is not None
            first["text"] = "spoilt"
            assert (await db.get(note) or {})["text"] == "kept"


async def test_system_fields_may_be_repeated_but_not_changed(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        note = (await database.insert("notes", {"text": "a"}))[0]
        before = (await database.all("notes"))[0]

        async def replace(db: DatabaseWriter) -> None:
            await db.replace(note, {**before, "text": "b"})

        await database.mutate(replace)
        assert await database.all("notes") == [{**before, "text": "b"}]
        for change in (
            {"_creationTime": 1.0},
            {"_id": encode_id(10001, bytes(16))},
            {"_id": UNSET},
        ):
            with pytest.raises(SchemaValidationError, match="system field"):
                await database.mutate(patching(note, change))
        with pytest.raises(SchemaValidationError, match="system field '_id'"):
            await database.insert("notes", {"_id": note, "text": "a"})


@pytest.mark.parametrize(
    ("table", "document", "message"),
    [
        ("notes", {}, "text"),
        ("notes", {"text": 1}, "text"),
        ("notes", {"text": "a", "more": 1}, "more"),
        ("notes", {"text": "a", "other": "notes:1"}, "other"),
        ("notes", {"text": "a", "other": encode_id(10002, bytes(16))}, "other"),
        ("notes", {"text": "a", "rank": True}, "rank"),
        ("notes", {"text": "x" * 2**20}, "too large"),
        ("notes", [], "dict, not list"),
        ("places", {"kind": "b", "n": 1}, "n"),
        ("places", {"kind": "a", "n": 2**63}, "n"),
    ],
)
async def test_documents_that_do_not_match_are_refused(
    tmp_path: Path, table: str, document: Any, message: str
) -> None:
    async with deployed(tmp_path / "app.db", NOTES, PLACES) as database:
        with pytest.raises(SchemaValidationError, match=message):
            await database.insert(table, document)
        assert await database.all(table) == []


async def test_documents_without_schema_are_still_documents(tmp_path: Path) -> None:
    deep: Any = 1.0
    for _ in range(16):
        deep = [deep]
    async with deployed(tmp_path / "app.db", NOTES, schema_validation=False) as database:
        await database.insert("notes", {"anything": [None, {"x": b""}], "deep": deep[0]})
        with pytest.raises(SchemaValidationError, match="underscore"):
            await database.insert("notes", {"_hidden": 1})
        with pytest.raises(SchemaValidationError, match="nested deeper than 16"):
            await database.insert("notes", {"deep": deep})


async def test_a_patch_is_checked_as_a_whole(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        note = (await database.insert("notes", {"text": "a", "rank": 1}))[0]
        for change in ({"text": UNSET}, {"rank": None}, {"unknown": 1}):
            with pytest.raises(SchemaValidationError, match=next(iter(change))):
                await database.mutate(patching(note, change))
        assert (await database.all("notes"))[0]["rank"] == 1.0


async def test_writes_to_missing_documents_and_wrong_ids(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        note = (await database.insert("notes", {"text": "a"}))[0]
        await database.mutate(lambda db: db.delete(note))
        assert await database.insert("notes", {"text": "refers", "other": note})

        async def each(db: DatabaseWriter, document_id: Any) -> list[type[BaseException]]:
            raised: list[type[BaseException]] = []
            for call in (
                db.patch(document_id, {}),
                db.replace(document_id, {"text": ""}),
                db.delete(document_id),
            ):
                with pytest.raises((DocumentNotFoundError, InvalidIdError)) as info:
                    await call
                raised.append(info.type)
            return raised

        assert await database.mutate(lambda db: each(db, note)) == [DocumentNotFoundError] * 3
        assert await database.mutate(lambda db: each(db, "nonsense")) == [InvalidIdError] * 3
        assert await database.mutate(lambda db: each(db, None)) == [InvalidIdError] * 3
        unknown = cast("Id[Any]", encode_id(20_000, bytes(16)))
        assert await database.mutate(lambda db: each(db, unknown)) == [InvalidIdError] * 3
        system = cast("Id[Any]", encode_id(539, bytes(16)))
        assert await database.mutate(lambda db: each(db, system)) == [InvalidIdError] * 3
        async with database.reading() as (db, _):
            assert await db.get(note) is None
            assert await db.get(unknown) is None
            with pytest.raises(InvalidIdError, match=r"`db\.get`: Unable to decode ID"):
                await db.get(cast("Id[Any]", "nonsense"))
            with pytest.raises(InvalidIdError, match=r"only db\.system reads"):
                await db.get(system)
            with pytest.raises(InvalidIdError, match="use db instead"):
                await db.system.get(note)


async def test_normalize_id(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES, PLACES) as database:
        note = (await database.insert("notes", {"text": "a"}))[0]
        async with database.reading() as (db, _):
            assert db.normalize_id("notes", note) == note
            assert db.normalize_id("places", note) is None
            assert db.normalize_id("no_such_table", note) is None
            assert db.normalize_id("notes", "sssswsgggggggggsgcsssfafffsffks") is None
            assert db.normalize_id("notes", encode_id(10001, bytes(16))) is not None
            with pytest.raises(ValueError, match="system"):
                db.normalize_id("_storage", note)
            with pytest.raises(ValueError, match="schema"):
                db.system.normalize_id("notes", note)
            with pytest.raises(ValueError, match="there is no table 'nope'"):
                db.query("nope")
            with pytest.raises(ValueError, match=r"only db\.system reads"):
                db.query("_storage")
            assert await db.system.query("_scheduled_functions").collect() == []


async def test_nested_mutations_run_one_at_a_time_in_call_order(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        events: list[str] = []

        async def nested(transaction: Transaction, name: str) -> None:
            async with transaction.subtransaction(writable=True) as inner:
                events.append(f"{name} begins")
                await asyncio.sleep(0)
                await DatabaseWriter(inner).insert("notes", {"text": name})
                await asyncio.sleep(0)
                events.append(f"{name} ends")
                if name == "b":
                    raise Undo

        async def work(db: DatabaseWriter, transaction: Transaction) -> None:
            results = await asyncio.gather(
                nested(transaction, "a"),
                nested(transaction, "b"),
                db.insert("notes", {"text": "own"}),
                nested(transaction, "c"),
                return_exceptions=True,
            )
            assert isinstance(results[1], Undo)

        await database.commit(work)
        assert events == [f"{name} {what}" for name in "abc" for what in ("begins", "ends")]
        assert [doc["text"] for doc in await database.all("notes")] == ["a", "own", "c"]


async def test_a_nested_query_cannot_write(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:

        async def work(db: DatabaseWriter, transaction: Transaction) -> None:
            await db.insert("notes", {"text": "a"})
            async with transaction.subtransaction(writable=False) as inner:
                assert len(await DatabaseWriter(inner).query("notes").collect()) == 1
                with pytest.raises(ContextError, match="queries can only read"):
                    await DatabaseWriter(inner).insert("notes", {"text": "b"})

        await database.commit(work)
        async with database.reading() as (_, transaction):
            with pytest.raises(ContextError, match="queries can only read"):
                await DatabaseWriter(transaction).insert("notes", {"text": "b"})


async def test_use_after_the_end_is_refused(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:
        async with database.reading() as (db, _):
            query = db.query("notes")
        with pytest.raises(ContextError, match="has ended"):
            await query.collect()
        kept: list[DatabaseWriter] = []

        async def work(_: DatabaseWriter, transaction: Transaction) -> None:
            async with transaction.subtransaction(writable=True) as nested:
                kept.append(DatabaseWriter(nested))
            with pytest.raises(ContextError, match="has ended"):
                await kept[0].insert("notes", {"text": "late"})

        await database.commit(work)


async def test_use_from_another_thread_is_refused(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database, database.reading() as (db, _):
        raised: list[BaseException] = []

        def elsewhere() -> None:
            try:
                asyncio.run(db.query("notes").collect())
            except ContextError as error:
                raised.append(error)

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        assert "another thread" in str(raised[0])


async def test_meta_values_are_transactional(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", NOTES) as database:

        async def work(_: DatabaseWriter, transaction: Transaction) -> None:
            await transaction.meta_set("kept", "1")
            with contextlib.suppress(Undo):
                async with transaction.subtransaction(writable=True) as nested:
                    await nested.meta_set("kept", None)
                    raise Undo

        await database.commit(work)
        async with database.engine.snapshot() as snapshot:
            assert await snapshot.meta_get("kept") == "1"
            assert await snapshot.meta_get("other") is None
