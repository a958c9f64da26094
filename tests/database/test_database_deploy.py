"""Deployments: what changes, what is refused, what stays."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import apsw
import pytest
from convexity.database import mismatches
from convexity.errors import DefinitionError, OverloadedError, SchemaMismatchError
from convexity.values import v

from tests.database.by_hand import deployed, make_schema, make_table
from tests.support.engines import IS_POSTGRES, engine_at, run_sql, sqlite_only

PLAIN = make_table("notes", v.object(n=v.number(), text=v.optional(v.string())))
INDEXED = make_table("notes", v.object(n=v.number(), text=v.optional(v.string())), {"by_n": ["n"]})
OTHERS = make_table("others", v.object(note=v.id("notes")))


def dump(path: Path) -> list[Any]:
    """Everything in the database, as SQL tools see it."""
    if IS_POSTGRES:
        tables = run_sql(
            "SELECT relname, relkind::text FROM pg_class WHERE relnamespace = "
            "current_schema()::regnamespace ORDER BY relname",
            path=path,
        )
        names = [name for name, kind in tables if kind == "r"]
    else:
        tables = run_sql("SELECT name, sql FROM sqlite_schema ORDER BY name", path=path)
        names = [name for name, sql in tables if sql and sql.startswith("CREATE TABLE")]
    rows = [run_sql(f'SELECT * FROM "{name}" ORDER BY 1', path=path) for name in names]
    return [tables, rows]


async def test_a_new_database(tmp_path: Path) -> None:
    async with deployed(tmp_path / "data" / "app.db", INDEXED, OTHERS) as database:
        deployment = database.deployment
        assert deployment.added_tables == ("notes", "others")
        assert deployment.table_numbers["notes"] == 10001
        assert deployment.table_numbers["others"] == 10002
        assert deployment.table_numbers["_storage"] == 540
        assert deployment.table_numbers["_scheduled_functions"] == 539
        note = (await database.insert("notes", {"n": 1}))[0]
        assert note.startswith("j57")
        other = (await database.insert("others", {"note": note}))[0]
        assert other.startswith("j97")


async def test_the_same_schema_again_changes_nothing(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", INDEXED) as database:
        await database.insert("notes", {"n": 1})
    before = dump(tmp_path / "app.db")
    async with deployed(tmp_path / "app.db", INDEXED) as database:
        deployment = database.deployment
        assert deployment.added_tables == ()
        assert deployment.built_indexes == ()
        assert deployment.validated_tables == ()
    assert dump(tmp_path / "app.db") == before


async def test_a_new_index_is_filled_and_a_removed_one_dropped(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    async with deployed(path, PLAIN) as database:
        await database.insert("notes", *({"n": n} for n in (3, 1, 2)))
    async with deployed(path, INDEXED) as database:
        assert database.deployment.built_indexes == ("notes.by_n",)
        async with database.reading() as (db, _):
            found = await db.query("notes").with_index("by_n").collect()
        assert [note["n"] for note in found] == [1, 2, 3]
    async with deployed(path, PLAIN) as database:
        assert database.deployment.removed_indexes == ("notes.by_n",)
        await database.insert("notes", {"n": 0})
    async with deployed(path, INDEXED) as database, database.reading() as (db, _):
        found = await db.query("notes").with_index("by_n").collect()
        assert [note["n"] for note in found] == [0, 1, 2, 3]


async def test_an_index_with_other_fields_is_rebuilt(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    async with deployed(path, INDEXED) as database:
        await database.insert("notes", {"n": 1, "text": "b"}, {"n": 2, "text": "a"})
    changed = make_table("notes", INDEXED.validator, {"by_n": ["text"]})
    async with deployed(path, changed) as database, database.reading() as (db, _):
        assert database.deployment.built_indexes == ("notes.by_n",)
        found = await db.query("notes").with_index("by_n").collect()
        assert [note["text"] for note in found] == ["a", "b"]


async def test_a_wider_validator_is_accepted(tmp_path: Path) -> None:
    async with deployed(tmp_path / "app.db", PLAIN) as database:
        await database.insert("notes", {"n": 1})
    wider = make_table("notes", v.object(n=v.union(v.number(), v.string())))
    async with deployed(tmp_path / "app.db", wider) as database:
        assert database.deployment.validated_tables == ("notes",)
        await database.insert("notes", {"n": "text"})


async def test_a_narrower_validator_is_refused_with_a_list(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    async with deployed(path, PLAIN, OTHERS) as database:
        notes = await database.insert("notes", *({"n": n, "text": "x"} for n in range(30)))
        await database.insert("notes", *({"n": n} for n in range(5)))
        await database.insert("others", {"note": notes[0]})
    before = dump(path)
    narrower = make_table(
        "notes", v.object(n=v.number(), text=v.optional(v.number())), {"by_n": ["n"]}
    )
    added = make_table("added", v.object())
    with pytest.raises(SchemaMismatchError) as info:
        await engine_at(path).start(make_schema(narrower, added))
    assert dump(path) == before
    message = str(info.value)
    assert "30 existing documents do not match the new schema" in message
    assert "nothing was changed" in message
    kind = "of `notes` at .text: Value does not match validator. Validator: v.number()."
    assert f"  30 documents {kind} For example {', '.join(notes[:3])}\n" in message
    assert notes[3] not in message
    assert message.splitlines()[-1].startswith("Change the documents")
    assert info.value.documents == tuple(notes)
    report = tmp_path / "app.db-mismatches.txt"
    assert str(report) in message
    assert report.read_text().splitlines() == [f"{note} {kind}" for note in notes]
    async with deployed(path, PLAIN, OTHERS) as database:
        assert not report.exists()
        assert len(await database.all("notes")) == 35


async def test_a_refusal_tells_kinds_of_mismatch_apart_and_bounds_them(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    loose = make_table("notes", v.object(tags=v.array(v.any()), kind=v.string()))
    async with deployed(path, loose) as database:
        await database.insert("notes", *({"tags": ["x"] * n + [1], "kind": "k"} for n in range(4)))
        await database.insert("notes", *({"tags": [], "kind": str(n)} for n in range(2)))
    strict = make_table("notes", v.object(tags=v.array(v.string()), kind=v.literal("k")))
    with pytest.raises(SchemaMismatchError) as info:
        await engine_at(path).start(make_schema(strict))
    message = str(info.value)
    assert "  4 documents of `notes` at .tags[]: " in message
    assert "  2 documents of `notes` at .kind: " in message

    many = {f"f{n}": v.any() for n in range(mismatches.MAX_GROUPS + 2)}
    async with deployed(tmp_path / "many.db", make_table("notes", v.object(**many))) as database:
        for name in many:
            await database.insert("notes", {**dict.fromkeys(many, 1), name: "no number"})
    strict = make_table("notes", v.object(**dict.fromkeys(many, v.number())))
    with pytest.raises(SchemaMismatchError, match="and 2 further kinds of mismatch"):
        await engine_at(tmp_path / "many.db").start(make_schema(strict))


async def test_validation_switched_on_checks_what_was_not_checked(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    async with deployed(path, PLAIN, schema_validation=False) as database:
        await database.insert("notes", {"n": "no number"})
    with pytest.raises(SchemaMismatchError, match="1 existing document does not match"):
        await engine_at(path).start(make_schema(PLAIN))
    async with deployed(path, PLAIN, schema_validation=False) as database:
        await database.mutate(lambda db: _repair(db))
    async with deployed(path, PLAIN) as database:
        assert database.deployment.validated_tables == ("notes",)


async def _repair(db: Any) -> None:
    async for note in db.query("notes"):
        await db.patch(note["_id"], {"n": 1})


async def test_a_removed_table_keeps_its_documents_and_number(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    async with deployed(path, INDEXED, OTHERS) as database:
        note = (await database.insert("notes", {"n": 1}))[0]
    async with deployed(path, make_table("third", v.object())) as database:
        assert database.deployment.removed_tables == ("notes", "others")
        assert database.deployment.table_numbers["third"] == 10003
        async with database.reading() as (db, _):
            assert await db.get(note) is None
    async with deployed(path, INDEXED) as database:
        assert database.deployment.added_tables == ("notes",)
        assert database.deployment.table_numbers["notes"] == 10001
        async with database.reading() as (db, _):
            found = await db.query("notes").with_index("by_n").collect()
            assert [doc["_id"] for doc in found] == [note]


async def test_a_table_whose_name_differs_in_case_is_another_one(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    async with deployed(path, PLAIN) as database:
        await database.insert("notes", {"n": 1})
    upper = make_table("Notes", v.object(other=v.string()))
    async with deployed(path, upper) as database:
        assert await database.all("Notes") == []
        await database.insert("Notes", {"other": "x"})
    both = make_table("notes", PLAIN.validator, storage="notes_2")
    async with deployed(path, upper, both) as database:
        assert len(await database.all("Notes")) == 1
        assert [note["n"] for note in await database.all("notes")] == [1]


async def test_storages_can_be_exchanged(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    async with deployed(path, PLAIN, OTHERS) as database:
        note = (await database.insert("notes", {"n": 1}))[0]
        await database.insert("others", {"note": note})
    exchanged = (
        make_table("notes", PLAIN.validator, storage="others"),
        make_table("others", OTHERS.validator, storage="notes"),
    )
    async with deployed(path, *exchanged) as database:
        assert [doc["n"] for doc in await database.all("notes")] == [1]
        assert [doc["note"] for doc in await database.all("others")] == [note]


async def test_cursors_stay_valid_after_a_restart(tmp_path: Path) -> None:
    pages: list[Any] = []
    for _ in range(2):
        async with deployed(tmp_path / "app.db", PLAIN) as database:
            if not pages:
                await database.insert("notes", *({"n": n} for n in range(9)))
            async with database.reading() as (db, _):
                cursor = pages[0]["continueCursor"] if pages else None
                pages.append(await db.query("notes").paginate({"numItems": 4, "cursor": cursor}))
    assert [doc["n"] for page in pages for doc in page["page"]] == list(range(8))


async def test_a_schema_without_sql_is_refused(tmp_path: Path) -> None:
    schema = make_schema(PLAIN)
    with pytest.raises(DefinitionError, match=r"no SQL script for (SQLite|PostgreSQL)"):
        await engine_at(tmp_path / "app.db").start(type(schema)(tables=schema.tables, ddl={}))


@sqlite_only
async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to have a header " * 40)
    with pytest.raises(DefinitionError, match=r"notes\.txt cannot be used as SQLite database"):
        await engine_at(path).start(make_schema(PLAIN))
    with pytest.raises(DefinitionError, match="cannot be used as SQLite database"):
        await engine_at(tmp_path).start(make_schema(PLAIN))


PROCESS = """
import asyncio, json, sys
from pathlib import Path
from convexity.values import v
from tests.database.by_hand import deployed, make_table

table = make_table(
    "notes", v.object(n=v.number(), text=v.optional(v.string())), {"by_n": ["n"]}
)

async def main():
    print("ready", flush=True)
    sys.stdin.readline()
    async with deployed(Path(sys.argv[1]), table) as database:
        built = list(database.deployment.built_indexes)
        await asyncio.gather(*(database.insert("notes", {"n": n}) for n in range(20)))
    print(json.dumps(built), flush=True)

asyncio.run(main())
"""


def start_process(path: Path) -> subprocess.Popen[str]:
    """A process that deploys when its standard input gets a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROCESS, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


async def test_processes_that_start_at_once_deploy_once(tmp_path: Path) -> None:
    path = tmp_path / "data" / "app.db"
    processes = [start_process(path) for _ in range(3)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [json.loads((await asyncio.to_thread(p.communicate))[0]) for p in processes]
    assert sorted(answers) == [[], [], ["notes.by_creation_time", "notes.by_n"]]
    async with deployed(path, INDEXED) as database, database.reading() as (db, _):
        assert len(await db.query("notes").with_index("by_n").collect()) == 60


async def test_a_killed_deployment_leaves_all_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    async with deployed(path, PLAIN) as database:
        for _ in range(4):
            await database.insert("notes", *({"n": n, "text": "x" * 50} for n in range(5000)))
    before = dump(path)
    for delay in (0.0, 0.02, 0.05, 0.1, 0.2):
        process = start_process(path)
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
        try:
            await asyncio.to_thread(process.wait, delay)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate()
        tables = {name for name, _ in dump(path)[0]}
        if "notes__by_n" not in tables:
            assert dump(path) == before
    async with deployed(path, INDEXED) as database:
        index = database.catalog.table("notes").indexes["by_n"]
        async with database.engine.snapshot() as snapshot:
            rows = await snapshot.scan(index, b"", b"\xff", order="asc", limit=10**6)
        assert len(rows) >= 20_000


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("CREATE TABLE users (a int)", "another program"),
        ("CREATE VIEW notes AS SELECT 1 AS a", "another program"),
        (
            "CREATE TABLE _convexity_meta (key text, value text)",
            "another version of convexity, in storage",
        ),
    ],
)
async def test_a_database_of_something_else_is_refused_and_kept(
    tmp_path: Path, statement: str, reason: str
) -> None:
    path = tmp_path / "app.db"
    run_sql(statement, path=path)
    before = dump(path)
    with pytest.raises(DefinitionError, match=reason):
        await engine_at(path).start(make_schema(PLAIN))
    assert dump(path) == before


@sqlite_only
async def test_a_database_in_a_later_storage_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    async with deployed(path, PLAIN) as database:
        await database.insert("notes", {"n": 1})
    with contextlib.closing(apsw.Connection(str(path))) as connection:
        connection.pragma("user_version", connection.pragma("user_version") + 1)
    with pytest.raises(DefinitionError, match="another version of convexity"):
        await engine_at(path).start(make_schema(PLAIN))


@pytest.mark.skipif(not IS_POSTGRES, reason="SQLite's file has a number for that")
async def test_a_postgresql_database_in_another_storage_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    async with deployed(path, PLAIN):
        pass
    run_sql("UPDATE _convexity_meta SET value = '99' WHERE key = 'storage_format'", path=path)
    with pytest.raises(DefinitionError, match="another version of convexity"):
        await engine_at(path).start(make_schema(PLAIN))


@pytest.mark.skipif(not IS_POSTGRES, reason="a file is deployed to by who writes it")
async def test_a_process_of_another_schema_can_read_but_not_write(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    async with deployed(path, PLAIN) as old:
        await old.insert("notes", {"n": 1})
        async with deployed(path, INDEXED) as new:
            await new.insert("notes", {"n": 2})
            assert len(await old.all("notes")) == 2
            with pytest.raises(OverloadedError, match="another version of the schema"):
                await old.insert("notes", {"n": 3})
            assert len(await new.all("notes")) == 2
