"""Files with the npm client: ask for a URL, post, keep the id, show, remove."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.clients.live_client import LiveClient, live_client
from tests.support.backends import FIXTURES, Server, build_project, serve

CONTENT = bytes(range(256)) * 1000


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The fixture project ``files``, running."""
    dist = build_project(FIXTURES / "files", tmp_path_factory.mktemp("files") / "files")
    with serve(dist) as server:
        yield server


@pytest.fixture
def npm(files: Server) -> Iterator[LiveClient]:
    with live_client(files.url) as client:
        yield client


def upload(npm: LiveClient, content: bytes, content_type: str) -> str:
    url = npm.call("mutation", "photos:generate_upload_url")
    answer = npm.fetch(url, body=content, **{"Content-Type": content_type})
    assert answer["status"] == 200, answer
    storage_id: str = json.loads(answer["body"])["storageId"]
    return storage_id


def test_a_photo_is_uploaded_shown_and_removed(npm: LiveClient) -> None:
    shown = npm.subscribe("photos:list_shown")
    npm.until_value(shown, [])
    file = upload(npm, CONTENT, "image/png")

    photo = npm.call("mutation", "photos:save", title="sea", file=file)

    npm.until(lambda: bool(npm.values(shown)[-1]))
    (entry,) = npm.values(shown)[-1]
    assert entry["title"] == "sea"
    answer = npm.fetch(entry["url"])
    assert answer["body"] == CONTENT
    assert answer["headers"]["content-type"] == "image/png"
    part = npm.fetch(entry["url"], Range="bytes=0-3")
    assert (part["status"], part["body"]) == (206, CONTENT[:4])
    npm.call("mutation", "photos:remove", photo=photo)
    npm.until_value(shown, [])
    assert npm.fetch(entry["url"])["status"] == 404


def test_a_query_that_asked_for_a_url_runs_again_when_the_file_is_deleted(
    npm: LiveClient,
) -> None:
    file = upload(npm, b"content", "text/plain")
    url, row, other = (
        npm.subscribe(path, file=file)
        for path in ("photos:url", "photos:metadata", "photos:url_of_another")
    )
    npm.until(lambda: all(npm.values(number) for number in (url, row, other)))
    assert npm.values(row)[0]["contentType"] == "text/plain"

    npm.call("mutation", "photos:delete_file", file=file)

    npm.until_value(url, None)
    npm.until_value(row, None)
    assert len(npm.values(url)) == 2
    assert npm.values(other) == [None]


def test_a_query_over_all_files_runs_again_when_one_comes(
    npm: LiveClient,
) -> None:
    listed = npm.subscribe("photos:count")
    npm.until(lambda: bool(npm.values(listed)))
    count = npm.values(listed)[-1]

    upload(npm, b"content", "text/plain")

    npm.until_value(listed, count + 1)
