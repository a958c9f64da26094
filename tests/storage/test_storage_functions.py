"""``ctx.storage`` of queries, mutations, actions and HTTP actions."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.storage.uploads import stored, until_stored, upload, url_of
from tests.support.backends import Server

UNKNOWN = "kg27rxfv99gzp01wmph0gvt92d6hnvy6"
"""Id 540 of wire-protocol 6.2, of a file that does not exist."""


def encoded(content: bytes) -> dict[str, str]:
    return {"$bytes": base64.b64encode(content).decode()}


def content_of(server: Server, file: str) -> bytes | None:
    text = server.call("action", "contents:content", file=file)
    return None if text is None else base64.b64decode(text)


def failure(server: Server, kind: str, path: str, **args: object) -> str:
    answer = server.client.post(f"/api/{kind}", json={"path": path, "args": args}).json()
    assert answer["status"] == "error", answer
    return str(answer.get("errorData") or answer["errorMessage"])


def test_an_action_stores_and_reads(files: Server):
    file = files.call(
        "action", "contents:store", content=encoded(b"content"), contentType="text/x-note"
    )

    assert file.startswith("kg2")
    assert content_of(files, file) == b"content"
    answer = httpx.get(url_of(files, file))
    assert answer.content == b"content"
    assert answer.headers["content-type"] == "text/x-note"


@pytest.mark.parametrize(
    "digest",
    [
        hashlib.sha256(b"content").hexdigest(),
        base64.b64encode(hashlib.sha256(b"content").digest()).decode(),
    ],
)
def test_a_digest_is_hexadecimal_or_base64(files: Server, digest: str):
    store = ("action", "contents:store")

    assert files.call(*store, content=encoded(b"content"), sha256=digest)
    assert "digest" in failure(files, *store, content=encoded(b"other"), sha256=digest)
    assert "is no SHA-256 digest" in failure(
        files, *store, content=encoded(b"content"), sha256=digest[:-4]
    )


@pytest.mark.parametrize("content_type", ["text/plain\r\nx-evil: 1", "text/\0plain", "ü/x", "☃/x"])
def test_a_content_type_cannot_smuggle_headers(files: Server, content_type: str):
    message = failure(
        files, "action", "contents:store", content=encoded(b""), contentType=content_type
    )

    assert "is no content type" in message


def test_pieces_are_stored_as_they_come(files: Server):
    sizes = [1000, 0, 3_000_000, 1]

    file = files.call("action", "contents:store_pieces", sizes=sizes)

    expected = b"".join(bytes([number]) * size for number, size in enumerate(sizes))
    assert httpx.get(url_of(files, file)).content == expected
    parts = files.call("action", "contents:chunk_sizes", file=file, size=1_000_000)
    assert parts == [1_000_000, 1_000_000, 1_000_000, 1001]
    copy = files.call("action", "contents:copy", file=file)
    assert copy != file
    assert httpx.get(url_of(files, copy)).content == expected


def test_a_file_whose_pieces_fail_is_not_stored(files: Server, files_dist: Path):
    files.call("query", "photos:list_files")
    before = len(stored(files_dist))

    message = failure(files, "action", "contents:store_pieces", sizes=[2_000_000, -1])

    assert "there are no more pieces" in message
    until_stored(files_dist, before)


def test_only_a_commit_deletes_a_file(files: Server):
    file = upload(files, b"content")

    assert failure(files, "mutation", "photos:delete_and_fail", file=file) == "rolled back"

    assert httpx.get(url_of(files, file)).content == b"content"


def test_the_bytes_of_a_deleted_file_go(files: Server, files_dist: Path):
    before = len(stored(files_dist))
    deleted_by = {"mutation": "photos:delete_file", "action": "contents:delete"}
    for kind, path in deleted_by.items():
        file = upload(files, b"content")
        assert len(stored(files_dist)) == before + 1
        files.call(kind, path, file=file)
        until_stored(files_dist, before)
        assert files.call("query", "photos:metadata", file=file) is None
        assert content_of(files, file) is None
        assert f"storage id {file} not found" in failure(files, kind, path, file=file)


def test_a_file_is_found_by_its_uuid_too(files: Server):
    file = upload(files, b"content")
    address = url_of(files, file)
    uuid = address.rpartition("/")[2]

    assert url_of(files, uuid) == address
    files.call("mutation", "photos:delete_file", file=uuid)
    assert url_of(files, file) is None
    assert url_of(files, uuid) is None


def test_other_ids_are_refused(files: Server):
    photo = files.call("mutation", "photos:save", title="x", file=upload(files, b"content"))
    for kind, path in (("query", "photos:url"), ("mutation", "photos:delete_file")):
        for text in ("", "x", "../../app.db", UNKNOWN[:-1] + "0"):
            assert f'Invalid storage ID: "{text}"' in failure(files, kind, path, file=text)
        assert "Storage ID cannot be an ID on any table other than '_storage'" in failure(
            files, kind, path, file=photo
        )
    assert url_of(files, UNKNOWN) is None
    assert "ArgumentValidationError" in failure(files, "query", "photos:metadata", file=photo)


def test_the_deprecated_metadata(files: Server):
    file = upload(files, b"content", content_type="text/plain")

    metadata: Any = files.call("action", "contents:old_metadata", file=file)

    assert metadata == {
        "storageId": url_of(files, file).rpartition("/")[2],
        "sha256": hashlib.sha256(b"content").hexdigest(),
        "size": 7.0,
        "contentType": "text/plain",
    }
    assert files.call("action", "contents:old_metadata", file=UNKNOWN) is None


def test_the_sample_of_the_guidelines(files: Server):
    file = upload(files, b"content", content_type="text/plain")
    body = {"path": "photos:example_query", "args": {"fileId": file}, "format": "json"}

    answer = files.client.post("/api/query", json=body).json()

    (line,) = answer["logLines"]
    assert f"'_id': '{file}'" in line
    assert "'size': 7.0" in line


def test_http_actions_take_in_and_hand_out(files: Server):
    site = f"http://127.0.0.1:{files.port}/http"
    content = b"content" * 500_000

    answer = httpx.post(f"{site}/photos", content=content, headers={"content-type": "image/png"})

    assert answer.status_code == 201
    fetched = httpx.get(f"{site}/photos/{answer.json()['file']}")
    assert fetched.content == content
    assert fetched.headers["content-type"] == "image/png"
    assert httpx.get(answer.json()["url"]).content == content
    assert httpx.get(f"{site}/photos/{UNKNOWN}").status_code == 404
