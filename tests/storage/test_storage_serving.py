"""``GET /api/storage/{uuid}`` (wire-protocol 4.3)."""

from __future__ import annotations

import http.client
from typing import Any

import httpx
import pytest

from tests.storage.uploads import sha256_base64, upload, url_of
from tests.support.backends import Server

CONTENT = b"0123456789"


@pytest.fixture(scope="module")
def url(files: Server) -> str:
    """Address of a text of ten digits."""
    return url_of(files, upload(files, CONTENT, content_type="text/plain"))


def test_a_whole_file(url: str):
    answer = httpx.get(url)

    assert answer.status_code == 200
    assert answer.content == CONTENT
    headers = dict(answer.headers)
    del headers["date"], headers["server"]
    digest = sha256_base64(CONTENT)
    assert headers == {
        "content-type": "text/plain",
        "content-length": "10",
        "digest": f"sha-256={digest}",
        "cache-control": "private, max-age=2592000",
        "accept-ranges": "bytes",
        "etag": f'"{digest}"',
        "vary": "origin",
        "x-content-type-options": "nosniff",
        "content-security-policy": "sandbox",
    }


@pytest.mark.parametrize(
    ("asked", "part", "range_sent"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-2", b"89", "bytes 8-9/10"),
        ("bytes=8-100", b"89", "bytes 8-9/10"),
        ("bytes=-100", CONTENT, "bytes 0-9/10"),
        ("bytes=9-9", b"9", "bytes 9-9/10"),
        ("bytes=20-30, 0-0", b"0", "bytes 0-0/10"),
        ("Bytes=0-0", b"0", "bytes 0-0/10"),
    ],
)
def test_a_part(url: str, asked: str, part: bytes, range_sent: str):
    answer = httpx.get(url, headers={"range": asked})

    assert answer.status_code == 206
    assert answer.content == part
    assert answer.headers["content-range"] == range_sent
    assert answer.headers["content-length"] == str(len(part))
    assert answer.headers["cache-control"] == "private, max-age=2592000"
    assert "digest" not in answer.headers


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=10-",
        "bytes=5-2",
        "bytes=-0",
        "bytes=",
        "bytes=a-b",
        "bytes=0-1,4-5",
        f"bytes={'9' * 5000}-",
        "bytes=--1",
    ],
)
def test_what_is_not_one_part_is_refused(url: str, asked: str):
    answer = httpx.get(url, headers={"range": asked})

    assert answer.status_code == 416
    assert answer.content == b""


def test_other_units_are_ignored(url: str):
    assert httpx.get(url, headers={"range": "lines=0-3"}).status_code == 200


def test_a_part_of_an_empty_file_is_the_whole(files: Server):
    answer = httpx.get(url_of(files, upload(files, b"")), headers={"range": "bytes=0-3"})

    assert answer.status_code == 200
    assert answer.content == b""


def test_head_tells_what_get_would(url: str):
    for headers in ({}, {"range": "bytes=0-3"}):
        get, head = (httpx.request(method, url, headers=headers) for method in ("GET", "HEAD"))
        assert head.content == b""
        assert head.status_code == get.status_code
        assert {**head.headers, "date": ""} == {**get.headers, "date": ""}


def test_a_browser_that_has_the_file_is_told_so(url: str):
    etag = httpx.get(url).headers["etag"]

    answer = httpx.get(url, headers={"if-none-match": etag})
    assert answer.status_code == 304
    assert answer.content == b""
    assert httpx.get(url, headers={"if-none-match": '"other"'}).status_code == 200
    part = {"range": "bytes=0-3"}
    assert httpx.get(url, headers={**part, "if-range": etag}).status_code == 206
    assert httpx.get(url, headers={**part, "if-range": '"other"'}).status_code == 200


def test_other_pages_may_read_files(url: str):
    answer = httpx.get(url, headers={"origin": "https://app.example"})

    assert answer.headers["access-control-allow-origin"] == "https://app.example"
    assert "origin" in answer.headers["vary"]
    assert "content-range" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize("type_", ["text/html", "image/svg+xml", "application/javascript"])
def test_scripts_in_files_do_not_run(files: Server, type_: str):
    address = url_of(files, upload(files, b"<script>1</script>", content_type=type_))

    headers = httpx.get(address).headers
    assert headers["content-type"] == type_
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "sandbox"


def test_browsers_show_pdf(files: Server):
    address = url_of(files, upload(files, b"%PDF", content_type="application/pdf"))

    assert "content-security-policy" not in httpx.get(address).headers


def get_raw(server: Server, path: str) -> tuple[int, bytes]:
    """Fetch a path that no client library would send as it is."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.putrequest("GET", path, skip_accept_encoding=True)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


@pytest.mark.parametrize(
    "name",
    [
        "../../data/app.db",
        "..%2f..%2f..%2fapp.db",
        "%2e%2e/%2e%2e/app.db",
        "....//app.db",
        "%00",
        "kg2rxfv99gzp01wmph0gvt92d6hnvy6",
        "{4b3b6c3e-0000-4000-8000-000000000000}",
        "urn:uuid:4b3b6c3e-0000-4000-8000-000000000000",
        "4b3b6c3e000040008000000000000000",
        "4b3b6c3e-0000-4000-8000-000000000000/x",
        "x/4b3b6c3e-0000-4000-8000-000000000000",
        "",
    ],
)
def test_a_path_that_is_no_uuid_is_refused(files: Server, name: str):
    status, body = get_raw(files, f"/api/storage/{name}")

    assert status == 400
    assert b"InvalidStoragePath" in body


def test_a_file_is_not_served_under_its_document_id(files: Server):
    file = upload(files, CONTENT)

    answer = httpx.get(f"{files.url}/api/storage/{file}")

    assert (answer.status_code, answer.json()["code"]) == (400, "InvalidStoragePath")


def test_an_unknown_file_is_not_found(files: Server):
    address = f"{files.url}/api/storage/4b3b6c3e-0000-4000-8000-000000000000"

    for method in ("GET", "HEAD"):
        answer = httpx.request(method, address)
        assert answer.status_code == 404
    assert httpx.get(address).json()["code"] == "FileNotFound"
    assert httpx.post(address).status_code == 405


def test_a_uuid_is_known_in_capitals_too(url: str):
    address, _, uuid = url.rpartition("/")

    assert httpx.get(f"{address}/{uuid.upper()}").content == CONTENT


def test_a_file_that_is_deleted_is_gone(files: Server):
    file = upload(files, CONTENT)
    address = url_of(files, file)

    files.call("mutation", "photos:delete_file", file=file)

    assert httpx.get(address).status_code == 404
    assert url_of(files, file) is None


def test_who_has_begun_to_read_reads_to_the_end(files: Server):
    content: Any = bytes(16 * 1024 * 1024)
    file = upload(files, content)
    with httpx.stream("GET", url_of(files, file)) as answer:
        pieces = answer.iter_raw()
        received = len(next(pieces))
        files.call("mutation", "photos:delete_file", file=file)
        received += sum(map(len, pieces))
    assert received == len(content)
