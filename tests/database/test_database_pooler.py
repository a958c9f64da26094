"""PostgreSQL behind pgbouncer, which lends sessions to connections."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from convexity.database.postgres.engine import PostgresEngine
from convexity.errors import DefinitionError
from convexity.values import v

from tests.database.by_hand import Database, make_schema, make_table
from tests.support.backends import free_port
from tests.support.engines import IS_POSTGRES, postgres_url, sql_schema

POOLER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = [
    pytest.mark.skipif(not IS_POSTGRES, reason="about PostgreSQL"),
    pytest.mark.skipif(POOLER is None, reason="pgbouncer is not installed"),
]

NOTES = make_table("notes", v.object(n=v.number()))


@contextmanager
def pooled(folder: Path, mode: str) -> Iterator[str]:
    """The address of a database behind a pooler."""
    url = postgres_url(folder / "app.db")
    parts = urlsplit(url)
    port = free_port()
    (folder / "users").write_text('"postgres" "secret"\n')
    host = parts.hostname or dict(parse_qsl(parts.query))["host"]
    configuration = folder / "pgbouncer.ini"
    configuration.write_text(f"""
[databases]
* = host={host} port={parts.port or 5432} user={parts.username} password={parts.password or "-"}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = plain
auth_file = {folder / "users"}
pool_mode = {mode}
default_pool_size = 50
""")
    user: list[str] = []
    if os.geteuid() == 0:
        user = ["--user", "nobody" if parts.hostname else Path(host).owner()]
        for path in (folder, *folder.parents[:3]):
            path.chmod(path.stat().st_mode | 0o005)
    assert POOLER is not None
    process = subprocess.Popen(
        [POOLER, *user, str(configuration)], stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        while "process up" not in process.stderr.readline():
            assert process.poll() is None
        yield (
            f"postgresql://postgres:secret@127.0.0.1:{port}{parts.path}"
            f"?search_path={sql_schema(folder / 'app.db')}"
        )
    finally:
        process.terminate()
        process.communicate()


async def test_sessions_are_enough(tmp_path: Path) -> None:
    with pooled(tmp_path, "session") as url:
        engine = PostgresEngine(url, report=tmp_path / "mismatches.txt")
        database = Database(engine, await engine.start(make_schema(NOTES)))
        await database.insert("notes", {"n": 1})
        lock = engine.lock("work")
        await lock.acquire()
        assert lock.is_held
        assert len(await database.all("notes")) == 1
        await engine.close()


async def test_transactions_are_not(tmp_path: Path) -> None:
    with pooled(tmp_path, "transaction") as url:
        for _ in range(2):
            with pytest.raises(DefinitionError, match="Set pool_mode = session in pgbouncer"):
                await PostgresEngine(url, report=tmp_path / "m.txt").start(make_schema(NOTES))
