"""Uploading and looking at files of the fixture project ``files``."""

from __future__ import annotations

import base64
import hashlib
import time
from pathlib import Path
from typing import Any

import httpx

from tests.support.backends import Server

PATIENCE = 60.0


def upload_url(server: Server) -> str:
    url: str = server.call("mutation", "photos:generate_upload_url")
    return url


def upload(server: Server, content: Any, **headers: str) -> str:
    """Upload a file over HTTP and return its id."""
    answer = post(upload_url(server), content, **headers)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"storageId"}
    storage_id: str = answer.json()["storageId"]
    return storage_id


def post(url: str, content: Any, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.post(url, content=content, headers=named, timeout=60)


def url_of(server: Server, file: str) -> str:
    url: str = server.call("query", "photos:url", file=file)
    return url


def sha256_base64(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def stored(dist: Path) -> list[Path]:
    """What lies in the folder of a backend, partly written files included."""
    return [path for path in (dist / "data" / "storage").rglob("*") if path.is_file()]


def until_stored(dist: Path, count: int) -> None:
    """Wait until the cleaner has left so many files."""
    deadline = time.monotonic() + PATIENCE
    while len(stored(dist)) != count:
        assert time.monotonic() < deadline, stored(dist)
        time.sleep(0.02)
