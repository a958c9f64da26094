"""Every sample of the Convex guidelines, written in Python, through both official clients."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.official_clients import CallFailedError, Client, PythonClient, npm_client
from tests.support.backends import ADMIN_KEY, FIXTURES, Server, build_project, run_cli, serve


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("guidelines") / "project"


@pytest.fixture(scope="module")
def server(project: Path) -> Iterator[Server]:
    with serve(build_project(FIXTURES / "guidelines", project)) as running:
        yield running


@pytest.fixture(scope="module", params=["python", "npm"])
def client(request: pytest.FixtureRequest, server: Server) -> Iterator[Client]:
    if request.param == "python":
        yield PythonClient(server.url)
    else:
        with npm_client(server.url) as npm:
            yield npm


def test_the_samples_are_checked(server: Server, project: Path) -> None:
    """The pagination sample uses ``filter``, which the guidelines forbid elsewhere."""
    found = run_cli("check", "--output-format", "concise", folder=project, check=False).stdout
    findings = [line for line in found.splitlines() if line.startswith("convex/")]
    assert len(findings) == 1, found
    assert "filter-on-query" in findings[0]


def test_functions(client: Client) -> None:
    assert client.call("query", "example:f", {"name": "Ada"}) == "Hello Ada"
    assert client.call("query", "example:g", {}) == "Hello Bob"
    assert client.call("query", "example:null_query", {}) is None
    assert client.call("action", "example:example_action", {}) is None


def test_an_array_of_a_union(client: Client) -> None:
    assert client.call("mutation", "example:count", {"simpleArray": ["a", 1.5]}) == 2
    with pytest.raises(CallFailedError, match="ArgumentValidationError"):
        client.call("mutation", "example:count", {"simpleArray": [True]})


def test_a_discriminated_union(client: Client) -> None:
    failure = {"kind": "error", "errorMessage": "no"}
    success = {"kind": "success", "value": 1.0}
    for result in (failure, success):
        client.call("mutation", "example:add_result", {"result": result})
    found = client.call("query", "example:results", {})[-2:]
    assert [_own_fields(document) for document in found] == [failure, success]
    for wrong in ({"kind": "error", "value": 1.0}, {"kind": "other", "value": 1.0}):
        with pytest.raises(CallFailedError, match="ArgumentValidationError"):
            client.call("mutation", "example:add_result", {"result": wrong})


def test_a_record_with_ids_as_keys(client: Client) -> None:
    ada = client.call("mutation", "example:add_user", {"username": "ada"})
    grace = client.call("mutation", "example:add_user", {"username": "grace"})
    names = client.call("query", "example:usernames", {"userIds": [ada, grace]})
    assert names == {ada: "ada", grace: "grace"}


def test_pagination(client: Client) -> None:
    author = type(client).__name__
    for number in range(5):
        message = {"author": author, "channel": "#pages", "body": f"page {number}"}
        client.call("mutation", "messages/access:send", message)
        client.call("mutation", "messages/access:send", {**message, "author": "somebody else"})
    pages: list[list[str]] = []
    cursor = None
    while True:
        options = {"numItems": 2.0, "cursor": cursor}
        arguments = {"paginationOpts": options, "author": author}
        result = client.call("query", "messages/access:list_with_extra_arg", arguments)
        assert {"page", "isDone", "continueCursor"} <= set(result)
        pages.append([message["body"] for message in result["page"]])
        cursor = result["continueCursor"]
        if result["isDone"]:
            break
    assert pages == [["page 4", "page 3"], ["page 2", "page 1"], ["page 0"]]


def test_search(client: Client) -> None:
    channel = f"#{type(client).__name__}"
    for body in ("hello there", "hi hello", "goodbye"):
        message = {"author": "a", "channel": channel, "body": body}
        client.call("mutation", "messages/access:send", message)
        client.call("mutation", "messages/access:send", {**message, "channel": "#other"})
    found = client.call("query", "messages/access:search", {"text": "hello hi", "channel": channel})
    assert [message["body"] for message in found] == ["hi hello", "hello there"]


def test_file_metadata(client: Client, server: Server) -> None:
    content = b"a picture"
    address = client.call("mutation", "example:upload_url", {})
    uploaded = server.client.post(address, content=content, headers={"Content-Type": "image/png"})
    file = uploaded.json()["storageId"]
    metadata = client.call("query", "example:file_metadata", {"fileId": file})
    assert metadata["_id"] == file
    assert _own_fields(metadata) == {
        "contentType": "image/png",
        "sha256": base64.b64encode(hashlib.sha256(content).digest()).decode(),
        "size": len(content),
    }
    found = server.client.get(client.call("query", "example:file_url", {"fileId": file}))
    assert (found.content, found.headers["content-type"]) == (content, "image/png")


def test_the_cron_job_has_run(server: Server) -> None:
    client = PythonClient(server.url)
    client.act_as_admin(ADMIN_KEY)
    deadline = time.monotonic() + 60
    while "[crons:empty] [LOG] 'empty'" not in server.log.read_text():
        assert time.monotonic() < deadline, server.log.read_text()
        time.sleep(0.05)
    client.call("action", "crons:empty", {})


@pytest.mark.parametrize("path", ["/http/echo", "/api/someRoute"])
def test_http_echo(server: Server, path: str) -> None:
    """At ``/echo`` of the API's port every backend has an endpoint of its own that echoes."""
    body = bytes(range(256))
    answer = server.client.post(path, content=body)
    assert (answer.status_code, answer.content) == (200, body)
    assert server.client.get(path).status_code == 404


def _own_fields(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if not name.startswith("_")}
