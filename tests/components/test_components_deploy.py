"""Components that come, go and change their names between deployments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from convexity.admin.removal import RemovalError, delete_component, delete_tables, removed_tables
from convexity.database.postgres.snapshot import PostgresSnapshot
from convexity.database.sqlite.snapshot import SqliteSnapshot
from convexity.functions.registration import action, mutation, query
from convexity.values import v

from tests.components.deployments import deployed_components, schema_of, value_in
from tests.functions.harness import SCHEMA
from tests.support.engines import IS_POSTGRES, engine_at, run_sql


@mutation(args={"text": v.string()}, returns=v.id("notes"))
async def insert(ctx: Any, text: str) -> Any:
    return await ctx.db.insert("notes", {"text": text})


@query(args={}, returns=v.array(v.string()))
async def texts(ctx: Any) -> list[str]:
    return [note["text"] for note in await ctx.db.query("notes").collect()]


@action(args={}, returns=v.id("_storage"))
async def store(ctx: Any) -> Any:
    return await ctx.storage.store(b"bytes")


FUNCTIONS = [insert, texts]
SNAPSHOT: Any = PostgresSnapshot if IS_POSTGRES else SqliteSnapshot


def stored_files(folder: Path) -> int:
    return sum(1 for path in (folder / "files").rglob("*") if path.is_file())


async def test_the_documents_of_a_removed_mount_are_kept(tmp_path: Path) -> None:
    async with deployed_components(tmp_path, {"": FUNCTIONS, "a": FUNCTIONS}) as running:
        await value_in(running, "", "m:insert", text="own")
        await value_in(running, "a", "m:insert", text="kept")
    async with deployed_components(tmp_path, {"": FUNCTIONS}) as without:
        assert await value_in(without, "", "m:texts") == ["own"]
    async with deployed_components(tmp_path, {"": FUNCTIONS, "b": FUNCTIONS}) as renamed:
        assert await value_in(renamed, "b", "m:texts") == []
        await value_in(renamed, "b", "m:insert", text="new")
    async with deployed_components(
        tmp_path, {"": FUNCTIONS, "a": FUNCTIONS, "b": FUNCTIONS}
    ) as back:
        assert await value_in(back, "a", "m:texts") == ["kept"]
        assert await value_in(back, "b", "m:texts") == ["new"]
        assert await value_in(back, "", "m:texts") == ["own"]


async def test_what_a_removed_mount_had_can_be_deleted(tmp_path: Path) -> None:
    own, inner = [insert, texts, store], [insert, texts]
    mounted = {"": own, "a": own, "a/inner": inner, "ab": inner}
    async with deployed_components(tmp_path, mounted) as running:
        for path in mounted:
            await value_in(running, path, "m:insert", text=path)
        await value_in(running, "a", "m:store")
        with pytest.raises(RemovalError, match="it is mounted"):
            await delete_component(running.runner.calls, "a")
        await value_in(running, "", "m:store")
    async with deployed_components(tmp_path, {"": own, "ab": inner}) as without:
        calls = without.runner.calls
        assert await removed_tables(calls) == {
            "a/_files": 1,
            "a/_storage": 1,
            "a/inner/notes": 1,
            "a/notes": 1,
        }
        assert stored_files(tmp_path) == 2
        assert await delete_tables(calls, "a/inner", ["notes"], dry_run=True) == 1
        assert await delete_tables(calls, "a/inner", ["notes"]) == 1
        with pytest.raises(RemovalError, match="all that the component had"):
            await delete_tables(calls, "a", ["_files"])
        assert await delete_component(calls, "a", dry_run=True) == 3
        assert stored_files(tmp_path) == 2
        assert await delete_component(calls, "a") == 3
        assert await removed_tables(calls) == {}
        assert stored_files(tmp_path) == 1
        assert await value_in(without, "", "m:texts") == [""]
        assert await value_in(without, "ab", "m:texts") == ["ab"]
    async with deployed_components(tmp_path, mounted) as back:
        assert await value_in(back, "a", "m:texts") == []
        await value_in(back, "a", "m:insert", text="again")


@pytest.mark.parametrize("moment", ["before", "during"])
async def test_a_component_that_is_deployed_again_meanwhile_is_not_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    own = [insert, texts, store]
    async with deployed_components(tmp_path, {"": own, "a": own}) as running:
        await value_in(running, "a", "m:insert", text="kept")
        await value_in(running, "a", "m:store")
    async with deployed_components(tmp_path, {"": own}) as without:
        calls = without.runner.calls
        deploy = "UPDATE _convexity_tables SET in_schema = 1 WHERE name LIKE 'a/%'"
        reading, deleting = SNAPSHOT.removed_texts, calls.files.store.delete

        async def read(snapshot: Any, name: str) -> Any:
            found = await reading(snapshot, name)
            if moment == "before":
                run_sql(deploy, path=tmp_path / "app.db")
            return found

        async def delete(key: str) -> None:
            run_sql(deploy, path=tmp_path / "app.db")
            await deleting(key)

        monkeypatch.setattr(SNAPSHOT, "removed_texts", read)
        monkeypatch.setattr(calls.files.store, "delete", delete)
        with pytest.raises(RemovalError, match='component "a": it is mounted'):
            await delete_component(calls, "a")
        assert stored_files(tmp_path) == (1 if moment == "before" else 0)
    async with deployed_components(tmp_path, {"": own, "a": own}) as back:
        assert await value_in(back, "a", "m:texts") == ["kept"]


async def test_a_deployment_says_what_came_and_went(tmp_path: Path) -> None:
    database = tmp_path / "app.db"

    async def deploy(*components: str) -> Any:
        engine = engine_at(database)
        deployment = await engine.start(SCHEMA, {path: schema_of(path) for path in components})
        await engine.close()
        return deployment

    first = await deploy("a", "a/b")
    assert set(first.added_tables) == {"notes", "a/notes", "a/b/notes"}
    numbers = {path: catalog.table_numbers["notes"] for path, catalog in first.catalogs.items()}
    assert len(set(numbers.values())) == 3
    second = await deploy("a")
    assert {name for name in second.removed_tables if "_" not in name} == {"a/b/notes"}
    third = await deploy("a", "a/b")
    assert third.added_tables == ("a/b/notes",)
    again = {path: catalog.table_numbers["notes"] for path, catalog in third.catalogs.items()}
    assert again == numbers
    assert third.secret == first.secret
