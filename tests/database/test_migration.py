"""``convexity migrate``: from a file of SQLite to a database of PostgreSQL."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from convexity.database import migration
from convexity.database.postgres.address import parse_address
from convexity.values import v

from tests.database.by_hand import deployed, make_table
from tests.support.backends import (
    ADMIN_KEY,
    FIXTURES,
    Server,
    build_project,
    run_cli,
    serve,
)
from tests.support.engines import postgres_url, sql_at, sqlite_only

pytestmark = sqlite_only

ADMIN = {"Authorization": f"Convex {ADMIN_KEY}"}
TEXTS = ["Hello \x00 there", "hello \U0001f600 \u2028", "", "another hello"]


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_project(FIXTURES / "search", tmp_path_factory.mktemp("search") / "search")


def fill(server: Server) -> None:
    for text in TEXTS:
        server.call("mutation", "messages:post", body=text, channel="c")
    removed = server.call("mutation", "messages:post", body="hello, gone", channel="c")
    server.call("mutation", "messages:remove", id=removed)
    server.call("mutation", "articles:add_many", category="a", count=30, embedding=[1, 2, 3, 4])
    server.call("mutation", "articles:add", title="near", category="b", embedding=[0, 0, 0, 1])


def seen(server: Server) -> Any:
    """What clients see by every kind of index."""
    return (
        server.call("query", "messages:best", channel="c", text="hello"),
        server.call("action", "articles:nearest", vector=[0, 0, 0, 2])[:1],
        exported(server),
    )


def exported(server: Server) -> dict[str, bytes]:
    content = server.client.get("/api/export/zip", headers=ADMIN).raise_for_status().content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_everything_is_there_afterwards(dist: Path, tmp_path: Path) -> None:
    source, target = f"sqlite:///{tmp_path / 'old.db'}", postgres_url(tmp_path / "new")
    variables = {"STORAGE_URL": f"file://{tmp_path / 'files'}"}
    with serve(dist, DATABASE_URL=source, **variables) as server:
        fill(server)
        before = seen(server)
    done = run_cli("migrate", "--from", source, "--to", target, folder=tmp_path)
    assert done.stdout.splitlines()[0].startswith("Copied "), done.stdout
    assert "Migrating" in done.stderr
    with serve(dist, DATABASE_URL=target, **variables) as server:
        assert seen(server) == before
        server.call("mutation", "messages:post", body="hello hello", channel="c")
        found = server.call("query", "messages:best", channel="c", text="hello")
        assert len(found) == len(before[0]) + 1
        newest = max(found, key=lambda message: message["_creationTime"])
        assert newest["body"] == "hello hello"
    again = run_cli("migrate", "--from", source, "--to", target, folder=tmp_path, check=False)
    assert again.returncode == 2
    assert "is the database of a backend already; name an empty one" in again.stderr


async def test_an_interrupted_migration_goes_on(
    dist: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "old.db", postgres_url(tmp_path / "new")
    variables = {"STORAGE_URL": f"file://{tmp_path / 'files'}"}
    with serve(dist, DATABASE_URL=f"sqlite:///{source}", **variables) as server:
        fill(server)
        before = exported(server)
    monkeypatch.setattr(migration, "_BATCH", 8)

    def interrupting(_rows: int) -> Any:
        copied = 0

        def progress(rows: int) -> None:
            nonlocal copied
            copied += rows
            if copied > 20:
                raise KeyboardInterrupt

        return progress

    with pytest.raises(KeyboardInterrupt):
        await migration.migrate(source, parse_address(target), interrupting)

    with (
        pytest.raises(AssertionError, match="a migration to this database is not finished"),
        serve(dist, DATABASE_URL=target, **variables),
    ):
        pass
    options = ("--from", f"sqlite:///{source}", "--to", target)
    done = run_cli("migrate", *options, folder=tmp_path)
    assert " of them before" in done.stdout
    with serve(dist, DATABASE_URL=target, **variables) as server:
        assert exported(server) == before


async def test_a_source_that_was_written_to_meanwhile_is_refused(
    dist: Path, tmp_path: Path
) -> None:
    source, target = tmp_path / "old.db", postgres_url(tmp_path / "new")

    def interrupting(_rows: int) -> Any:
        raise KeyboardInterrupt

    options = ("--from", f"sqlite:///{source}", "--to", target)
    with serve(dist, DATABASE_URL=f"sqlite:///{source}") as server:
        server.call("mutation", "messages:post", body="one", channel="c")
        done = run_cli("migrate", *options, folder=tmp_path, check=False)
        assert f"a backend runs on {source}; stop it, then migrate" in done.stderr
    with pytest.raises(KeyboardInterrupt):
        await migration.migrate(source, parse_address(target), interrupting)
    with serve(dist, DATABASE_URL=f"sqlite:///{source}") as server:
        server.call("mutation", "messages:post", body="two", channel="c")
    done = run_cli("migrate", *options, folder=tmp_path, check=False)
    assert done.returncode == 2
    assert "was written to since the migration began" in done.stderr


async def test_a_target_with_tables_of_something_else_is_refused(tmp_path: Path) -> None:
    source, target = tmp_path / "old.db", postgres_url(tmp_path / "new")
    async with deployed(source, make_table("notes", v.object(n=v.number()))):
        pass
    sql_at(target, "CREATE TABLE users (a int)")
    options = ("--from", f"sqlite:///{source}", "--to", target)
    done = run_cli("migrate", *options, folder=tmp_path, check=False)
    assert done.returncode == 2
    assert "holds tables of another program (users); name an empty one" in done.stderr


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("sqlite:///none.db", "postgresql://nobody@localhost/x", "none.db"),
        ("old.db", "postgresql://nobody@localhost/x", "does not begin with sqlite:///"),
        ("sqlite:///none.db", "mysql://localhost/x", "does not begin with postgresql://"),
        ("sqlite:///text.db", "postgresql://nobody@localhost/x", "text.db cannot be read"),
    ],
)
def test_mistakes_are_explained(tmp_path: Path, source: str, target: str, message: str) -> None:
    (tmp_path / "text.db").write_text("no database, but long enough to look like one " * 50)
    done = run_cli("migrate", "--from", source, "--to", target, folder=tmp_path, check=False)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr
