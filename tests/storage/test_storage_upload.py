"""``POST /api/storage/upload`` (wire-protocol 4.1)."""

from __future__ import annotations

import base64
import re
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from convexity.storage.tokens import UploadTokens

from tests.storage.uploads import post, sha256_base64, upload, upload_url, url_of
from tests.support.backends import Server
from tests.support.engines import run_sql


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_an_upload_becomes_a_file(files: Server):
    content = b"\0\xff" * 100_000

    file = upload(files, content, content_type="image/png")

    assert file.startswith("kg2")
    row = files.call("query", "photos:metadata", file=file)
    assert re.fullmatch("kg2[0-9a-z]{29}", row.pop("_id"))
    assert row.pop("_creationTime") > 0
    assert row == {
        "sha256": sha256_base64(content),
        "size": 200_000.0,
        "contentType": "image/png",
    }
    assert httpx.get(url_of(files, file)).content == content


@pytest.mark.parametrize(
    "content_type", ["text/plain; charset=utf-8", "application/vnd.x+json", 'a/b;c="d, e"']
)
def test_a_content_type_is_kept_as_it_is(files: Server, content_type: str):
    file = upload(files, b"content", content_type=content_type)

    assert files.call("query", "photos:metadata", file=file)["contentType"] == content_type
    assert httpx.get(url_of(files, file)).headers["content-type"] == content_type


def test_a_file_needs_no_content_type_and_may_be_empty(files: Server):
    file = upload(files, b"")

    row = files.call("query", "photos:metadata", file=file)
    assert row["contentType"] is None
    assert row["size"] == 0
    answer = httpx.get(url_of(files, file))
    assert answer.content == b""
    assert answer.headers["content-length"] == "0"
    assert "content-type" not in answer.headers


def test_a_body_may_come_in_pieces_of_unknown_number(files: Server):
    content = [bytes([number]) * 30_000 for number in range(100)]

    file = upload(files, iter(content))

    assert httpx.get(url_of(files, file)).content == b"".join(content)


def test_one_url_takes_several_files(files: Server):
    url = upload_url(files)

    first, second = (post(url, content).json()["storageId"] for content in (b"one", b"two"))

    assert first != second
    assert httpx.get(url_of(files, first)).content == b"one"


def test_an_announced_digest_is_verified(files: Server):
    digest = sha256_base64(b"content")

    upload(files, b"content", digest=f"sha-256={digest}")
    upload(files, b"content", digest=f"SHA-256={digest}, md5=x")

    answer = post(upload_url(files), b"other", digest=f"sha-256={digest}")
    assert code(answer) == (400, "Sha256Mismatch")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("digest", "sha-256=AAAA"),
        ("digest", "sha-256=@@@@"),
        ("digest", "md5=AAAA"),
        ("digest", "content"),
        ("content_type", "png"),
        ("content_type", "image/"),
        ("content_type", "image/png, text/html"),
        ("content_type", "text/plain;" + "x" * 2000),
    ],
)
def test_a_malformed_header_is_refused(files: Server, name: str, value: str):
    answer = post(upload_url(files), b"content", **{name: value})

    assert code(answer) == (400, "BadHeader")


def test_a_digest_that_is_not_ascii_is_refused(files: Server):
    headers = {b"digest": "sha-256=é".encode("latin-1")}

    assert code(httpx.post(upload_url(files), content=b"content", headers=headers)) == (
        400,
        "BadHeader",
    )


def test_a_token_is_needed(files: Server):
    assert code(post(f"{files.url}/api/storage/upload", b"x")) == (400, "BadQueryArgs")


def forged(token: str) -> list[str]:
    content = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    flipped = bytes([content[7] ^ 1])
    later = content[:7] + flipped + content[8:]
    return [
        "",
        "x",
        "ä",
        token[:-2],
        token + "AAAA",
        base64.urlsafe_b64encode(later).decode().rstrip("="),
        base64.urlsafe_b64encode(content[:8] + bytes(32)).decode().rstrip("="),
    ]


def test_a_forged_token_is_refused(files: Server):
    address, _, token = upload_url(files).partition("token=")
    assert post(f"{address}token={token}", b"x").status_code == 200

    for text in forged(token):
        answer = httpx.post(address, params={"token": text}, content=b"x")
        assert answer.status_code in (400, 401), text
        assert answer.json()["code"] in ("StorageTokenInvalid", "BadQueryArgs"), text


def test_an_old_token_is_refused(files: Server, files_dist: Path):
    ((secret,),) = run_sql(
        "SELECT value FROM _convexity_meta WHERE key = 'upload_secret'",
        path=files_dist / "data" / "app.db",
    )
    tokens = UploadTokens(bytes.fromhex(secret))
    now = datetime.now(UTC)
    address = f"{files.url}/api/storage/upload?token="

    fresh = tokens.issue(now - timedelta(minutes=58))
    old = tokens.issue(now - timedelta(minutes=61))

    assert post(address + fresh, b"x").status_code == 200
    assert code(post(address + old, b"x")) == (401, "StorageTokenExpired")


def test_a_large_upload_that_is_refused_gets_its_answer(files: Server):
    answer = post(f"{files.url}/api/storage/upload?token=x", bytes(30_000_000))

    assert code(answer) == (401, "StorageTokenInvalid")


def test_other_methods_are_refused(files: Server):
    url = upload_url(files)

    assert httpx.get(url).status_code == 405
    assert httpx.put(url, content=b"x").status_code == 405


def test_pages_of_any_origin_may_upload(files: Server):
    url = upload_url(files)
    asked = {
        "origin": "https://app.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,digest",
    }

    preflight = httpx.options(url, headers=asked)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "https://app.example"
    assert preflight.headers["access-control-allow-headers"] == "content-type,digest"
    assert "POST" in preflight.headers["access-control-allow-methods"]
    answer = post(url, b"x", origin="https://app.example")
    assert answer.headers["access-control-allow-origin"] == "https://app.example"


def test_an_upload_that_breaks_off_leaves_nothing(files: Server):
    before = len(files.call("query", "photos:list_files"))
    path = upload_url(files).removeprefix(files.url)
    with socket.create_connection(("127.0.0.1", files.port)) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
        connection.sendall(head.encode() + b"x" * 500)

    upload(files, b"the next")
    assert len(files.call("query", "photos:list_files")) == before + 1
