"""kill -9 amid an import: all of it or nothing, and no bytes of files that nobody knows."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import io
import json
import random
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from convexity.values.ids import STORAGE_TABLE_NUMBER, encode_id

from tests.support.backends import ADMIN_KEY, Server, serve
from tests.support.engines import IS_POSTGRES, run_sql

ADMIN = {"Authorization": f"Convex {ADMIN_KEY}"}
DOCUMENTS = 1_500
FILES = 8
PATIENCE = 60.0


def archive() -> bytes:
    """Documents that fill more than the memory of a transaction, and files."""
    chance = random.Random(7)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        lines = (json.dumps({"name": f"{n} {'x' * 5000}"}) for n in range(DOCUMENTS))
        made.writestr("channels/documents.jsonl", "\n".join(lines))
        rows = []
        for number in range(FILES):
            data = chance.randbytes(200_000)
            file = encode_id(STORAGE_TABLE_NUMBER, number.to_bytes(16, "big"))
            digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
            rows.append({"_id": file, "_creationTime": 1e12, "size": len(data), "sha256": digest})
            made.writestr(f"_storage/{file}", data)
        made.writestr("_storage/documents.jsonl", "\n".join(map(json.dumps, rows)))
    return content.getvalue()


def stored(folder: Path) -> int:
    return sum(1 for path in (folder / "files").rglob("*") if path.is_file())


def are_being_written(folder: Path) -> bool:
    """Whether documents lie in the database, where nobody sees them before the commit."""
    if IS_POSTGRES:
        size = "SELECT pg_relation_size('doc_channels')"
        return bool(run_sql(size, path=folder / "app.db")[0][0] > 65_536)
    return (folder / "app.db-wal").stat().st_size > 4_000_000


AMID: dict[str, Callable[[Path], bool]] = {
    "the first files": lambda folder: stored(folder) >= 2,
    "the documents": lambda folder: stored(folder) >= FILES and are_being_written(folder),
}


@pytest.mark.parametrize("moment", AMID)
async def test_a_killed_import_is_done_or_not(
    administration_dist: Path, tmp_path: Path, moment: str
) -> None:
    settings = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'app.db'}",
        "STORAGE_URL": f"file:///{tmp_path / 'files'}",
    }
    with serve(administration_dist, **settings) as server:
        server.call("mutation", "messages:send", channel="before", body="stays")

        async def until_killed() -> None:
            deadline = time.monotonic() + PATIENCE
            while not AMID[moment](tmp_path) and not importing.done():
                assert time.monotonic() < deadline
                await asyncio.sleep(0.001)
            server.kill()

        async with httpx.AsyncClient(timeout=60, headers=ADMIN) as client:
            importing = asyncio.ensure_future(
                client.post(f"{server.url}/api/import?mode=append", content=archive())
            )
            await until_killed()
            with contextlib.suppress(httpx.TransportError):
                await importing
    with serve(administration_dist, **settings) as server:
        sizes = server.client.get("/api/table_sizes", headers=ADMIN).json()["tables"]
        assert sizes["messages"] == 1
        assert sizes["channels"] in (1, DOCUMENTS + 1)
        is_done = sizes["channels"] > 1
        until(server, lambda: stored(tmp_path) == (FILES if is_done else 0))


def until(server: Server, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, server.log.read_text()
        time.sleep(0.05)
