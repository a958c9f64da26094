"""kill -9 amid uploads: what was acknowledged stays whole, and nothing else stays."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import random
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.storage.uploads import post, sha256_base64, upload_url, url_of
from tests.support.backends import FIXTURES, Server, build_project, serve
from tests.support.engines import IS_POSTGRES

ROUNDS = 3
UPLOADS = 40
LARGEST = 2_000_000
PATIENCE = 60.0


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_project(FIXTURES / "files", tmp_path_factory.mktemp("files") / "files")


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, Any]:
    """Variables by which the backends of a test share a database and a folder."""
    return {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'app.db'}",
        "STORAGE_URL": f"file:///{tmp_path / 'storage'}",
    }


def content_of(name: str) -> bytes:
    """What is uploaded under a name: as good as random, so that no two are alike."""
    chance = random.Random(name)
    return chance.randbytes(chance.choice([0, 10, 5000, chance.randrange(LARGEST)]))


async def upload_until_killed(server: Server, round_number: int, kill_after: int) -> dict[str, str]:
    """Upload files at once, delete some, and kill the server amid that.

    Returns the acknowledged files by id, those that were asked to be deleted excepted.
    """
    url = upload_url(server)
    acknowledged: dict[str, str] = {}
    answers = 0

    async def one(client: httpx.AsyncClient, number: int) -> None:
        nonlocal answers
        name = f"{round_number}-{number}"
        with contextlib.suppress(httpx.TransportError):
            answer = await client.post(url, content=content_of(name))
            assert answer.status_code == 200, answer.text
            file = answer.json()["storageId"]
            acknowledged[file] = name
            answers += 1
            if answers == kill_after:
                server.kill()
            elif number % 5 == 0:
                del acknowledged[file]
                body = {"path": "photos:delete_file", "args": {"file": file}}
                await client.post(f"{server.url}/api/mutation", json=body)

    async with httpx.AsyncClient(timeout=60) as client:
        await asyncio.gather(*(one(client, number) for number in range(UPLOADS)))
    assert answers >= kill_after
    return acknowledged


def files_in(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def writers(folder: Path) -> list[Path]:
    """Files by which the processes of a database know each other."""
    return list(folder.glob("app.db-writer-*"))


def until_files(server: Server, folder: Path, names: set[str]) -> None:
    """Wait until the cleaner has left those files and no others."""
    deadline = time.monotonic() + PATIENCE
    while files_in(folder) != names:
        assert time.monotonic() < deadline, f"{files_in(folder) ^ names}\n{server.log.read_text()}"
        time.sleep(0.05)


async def test_what_was_acknowledged_stays_and_nothing_else(
    dist: Path, tmp_path: Path, settings: dict[str, Any]
) -> None:
    folder = tmp_path / "storage"
    chance = random.Random(20)
    acknowledged: dict[str, str] = {}
    for round_number in range(ROUNDS):
        with serve(dist, **settings) as server:
            acknowledged |= await upload_until_killed(
                server, round_number, kill_after=chance.randrange(1, UPLOADS // 2)
            )
    with serve(dist, **settings) as server:
        rows = {row["_id"]: row for row in server.call("query", "photos:list_all_files")}
        urls = {file: url_of(server, file) for file in rows}
        until_files(server, folder, {url.rpartition("/")[2] for url in urls.values()})

        assert set(acknowledged) <= set(rows), "an acknowledged file is lost"
        for file, row in rows.items():
            content = server.client.get(urls[file]).content
            assert row["sha256"] == sha256_base64(content), "half a file is served"
            if file in acknowledged:
                expected = hashlib.sha256(content_of(acknowledged[file])).hexdigest()
                assert hashlib.sha256(content).hexdigest() == expected
        assert IS_POSTGRES or len(writers(tmp_path)) == 1, "a dead process has a file"


@contextlib.contextmanager
def half_uploaded(server: Server, content: bytes) -> Iterator[socket.socket]:
    """A connection on which half of a file was sent."""
    path = upload_url(server).removeprefix(server.url)
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(content)}\r\n\r\n"
        connection.sendall(head.encode() + content[: len(content) // 2])
        yield connection


def until_written(folder: Path, count: int) -> None:
    """Wait until so many files are being written."""
    deadline = time.monotonic() + PATIENCE
    while len([path for path in folder.rglob("*.part") if path.stat().st_size]) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_process_cleans_up_after_another_but_not_what_it_writes_itself(
    dist: Path, tmp_path: Path, settings: dict[str, Any]
) -> None:
    folder = tmp_path / "storage"
    content = random.Random(1).randbytes(6_000_000)
    with (
        serve(dist, **settings) as first,
        serve(dist, **settings) as second,
        half_uploaded(first, content),
        half_uploaded(second, content) as connection,
    ):
        until_written(folder, 2)
        post(upload_url(first), b"stays").raise_for_status()
        first.kill()

        # The second takes over from the first, which cleaned up until then.
        deadline = time.monotonic() + PATIENCE
        while len(files_in(folder)) != 2:
            assert time.monotonic() < deadline, second.log.read_text()
            time.sleep(0.05)
        connection.sendall(content[len(content) // 2 :])
        answer = connection.recv(65536)
        assert b"200 OK" in answer
        file = second.call("query", "photos:list_files")[0]["_id"]
        assert second.client.get(url_of(second, file)).content == content
