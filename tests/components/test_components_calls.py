"""Calls across the boundaries of components, over HTTP."""

from __future__ import annotations

import io
import json
import subprocess
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from convex import ConvexClient

from tests.clients.live_client import live_client
from tests.clients.official_clients import npm_folder
from tests.components.projects import built_components
from tests.support.backends import ADMIN_KEY, Server, run_cli, serve


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    dist = built_components(tmp_path_factory.mktemp("components") / "project")
    with serve(dist) as running:
        yield running


def wait_for(server: Server, text: str) -> list[str]:
    """Wait until a letter was delivered; all that were."""
    deadline = time.monotonic() + 60
    while True:
        received: list[str] = server.call("query", "letters:received")
        if text in received:
            return received
        assert time.monotonic() < deadline, received
        time.sleep(0.05)


def wait_for_result(results: Iterator[Any], expected: object) -> None:
    """Take results, of which some may be equal, up to the expected one."""
    seen = [next(results)]
    while seen[-1] != expected:
        assert len(seen) < 5, seen
        seen.append(next(results))


def test_mounts_of_one_component_have_tables_of_their_own(server: Server) -> None:
    assert server.call("mutation", "posts:like", title="own") == 1
    assert server.call("mutation", "posts:like", title="own") == 2
    assert server.call("mutation", "posts:view", title="own") == 10
    assert server.call("query", "posts:counts", title="own") == {"likes": 2, "views": 10}


def test_a_caller_that_fails_takes_back_what_the_component_wrote(server: Server) -> None:
    answer = server.error("mutation", "posts:like", title="refused", refuse=True)
    assert answer["errorData"] == "refused"
    assert server.call("query", "posts:counts", title="refused")["likes"] == 0


def test_a_component_that_fails_takes_back_its_own_writes_alone(server: Server) -> None:
    assert server.call("mutation", "posts:like_and_catch", title="caught") == "counted out"
    assert server.call("query", "posts:counts", title="caught")["likes"] == 1
    names = [row["name"] for row in server.component("likes", "lib:everything")]
    assert names.count("caught") == 1


def test_components_within_components(server: Server) -> None:
    assert server.component("outer", "lib:note", text="a") == ["a"]
    assert server.component("outer", "lib:note", text="b") == ["a", "b"]
    assert server.component("outer/inner", "notes:add", text="c") == ["a", "b", "c"]


def test_a_component_calls_back_by_handle(server: Server) -> None:
    server.call("mutation", "letters:send", text="by handle")
    assert "by handle" in wait_for(server, "by handle")


def test_a_scheduled_handle_runs_under_the_path_of_its_function(server: Server) -> None:
    headers = {"Authorization": f"Convex {ADMIN_KEY}"}
    cursor = server.client.get("/api/stream_function_logs", headers=headers).json()["newCursor"]
    server.call("mutation", "letters:send_later", text="scheduled")
    wait_for(server, "scheduled")
    paths: list[str] = []
    while not any(path.endswith("letters:receive") for path in paths):  # each request waits
        query = {"cursor": cursor}
        answer = server.client.get("/api/stream_function_logs", params=query, headers=headers)
        page = answer.raise_for_status().json()
        cursor = page["newCursor"]
        paths += [entry["identifier"] for entry in page["entries"]]
    assert "letters:receive" in paths


@pytest.mark.parametrize(
    "handle",
    [
        "function://;letters:receive",
        "function://;letters:receive;",
        f"function://;letters:receive;{'0' * 32}",
        "letters:receive",
        "",
    ],
)
def test_forged_handles_are_refused(server: Server, handle: str) -> None:
    answer = server.error("mutation", "letters:send_with", text="forged", handle=handle)
    assert "nor a function handle of this deployment" in answer["errorMessage"]
    assert "forged" not in server.call("query", "letters:received")


def test_routes_of_components_answer_below_their_prefixes(server: Server) -> None:
    get, post = server.client.get, server.client.post
    assert post("/likes/add?name=web").text == "1.0"
    assert post("/stats/views/add?name=web").text == "10.0"
    assert post("/http/likes/add?name=web").text == "2.0"
    assert server.call("query", "posts:counts", title="web") == {"likes": 2, "views": 10}
    assert get("/outer/inner/hello").text == "inner /outer/inner/hello"
    assert server.client.head("/outer/inner/hello").headers["content-length"] == "24"
    # The very path first, then the longest prefix, be it that of a route or of a component.
    for path, answer in {
        "/likes/special": "application /likes/special",
        "/stats/other": "application /stats/other",
        "/likes/add": None,
        "/likes/nothing": None,
        "/likes": None,
        "/stats/views/nothing": None,
        "/outer/hello": None,
        "/inner/hello": None,
        "/add": None,
        # The component was asked for more than the prefix of the route has.
        "/likes/about/deep/x": "application /likes/about/deep/x",
    }.items():
        answered = get(path)
        assert (
            (answered.status_code, answered.text) == (200, answer)
            if answer
            else (answered.status_code == 404)
        ), path


def test_a_route_of_a_component_sees_the_component_alone(server: Server) -> None:
    server.component("views", "lib:create", name="seen")
    token = {"Authorization": f"Convex {ADMIN_KEY}"}
    about = server.client.get("/stats/views/about/it", headers=token).json()
    assert about["path"] == "/stats/views/about/it"
    assert (about["component"], about["step"]) == ("views", "10")
    assert (about["identity"], about["token"]) == (None, None)
    assert "seen" in about["counters"]
    assert "seen" not in server.client.get("/likes/about/it").json()["counters"]
    assert server.client.get(about["url"]).text == "about"
    assert server.component("views", "lib:files") > 0
    own = server.call("query", "_system/cli/modules:apiSpec", admin=True)
    assert {entry.get("path") for entry in own} >= {"/stats/*"}
    assert "/add" not in {entry.get("path") for entry in own}


def test_routes_of_components_are_described(server: Server) -> None:
    paths = server.client.get("/openapi.json").json()["paths"]
    assert paths["/likes/add"]["post"]["summary"] == "Count one more of what the query names."
    assert paths["/stats/views/about/{rest}"]["get"]["operationId"] == "GET /stats/views/about/*"
    assert {"/outer/inner/hello", "/likes/special"} <= paths.keys()
    assert not {"/add", "/hello", "/inner/hello"} & paths.keys()


def test_data_of_components_come_back_exactly(server: Server) -> None:
    admin = {"Authorization": f"Convex {ADMIN_KEY}"}

    def texts() -> dict[str, bytes]:
        content = server.client.get("/api/export/zip", headers=admin).raise_for_status().content
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def restored(files: dict[str, bytes], mode: str) -> httpx.Response:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            for name, text in files.items():
                archive.writestr(name, text)
        query = {"mode": mode}
        return server.client.post(
            "/api/import", params=query, content=content.getvalue(), headers=admin
        )

    server.call("mutation", "posts:view", title="kept")
    server.component("outer/inner", "notes:add", text="kept")
    url = server.component("likes", "lib:store", text="kept")["url"]
    before = texts()
    assert b'"name":"kept"' in before["_components/views/counters/documents.jsonl"]
    inner = "_components/outer/_components/inner/"
    assert b'"text":"kept"' in before[f"{inner}notes/documents.jsonl"]
    assert "_components/mailbox/letters/documents.jsonl" in before
    file = next(name for name, text in before.items() if text == b"kept")
    assert file.startswith("_components/likes/_storage/")
    server.call("mutation", "posts:view", title="kept")
    server.component("outer/inner", "notes:add", text="not in the file")
    answer = restored(before, "replaceAll")
    assert answer.is_success, answer.text
    assert texts() == before
    assert server.call("query", "posts:counts", title="kept")["views"] == 10
    assert server.client.get(url).status_code == 404  # files get new addresses
    # One component alone, and what is not there.
    one = {name: text for name, text in before.items() if name.startswith("_components/views/")}
    assert "documents in views/counters" in restored(one, "requireEmpty").json()["message"]
    assert restored(one, "replace").is_success
    assert texts() == before
    moved = {name.replace("/views/", "/nobody/"): text for name, text in one.items()}
    assert "there is no component 'nobody'" in restored(moved, "replace").json()["message"]
    stranger = {f"{inner}_components/": b"", "_components/x.jsonl": b""}
    assert "is not understood" in restored(stranger, "replace").json()["message"]


@pytest.mark.parametrize("path", ["lib:get", "likes/lib:get", "likes:lib:get", "counter/lib:get"])
def test_clients_cannot_call_components(server: Server, path: str) -> None:
    answer = server.client.post("/api/query", json={"path": path, "args": {"name": "own"}})
    assert answer.json()["status"] == "error" if answer.status_code == 200 else True
    assert "value" not in answer.text


def test_only_admins_name_components(server: Server) -> None:
    body = {"componentPath": "likes", "path": "lib:get", "args": {"name": "own"}}
    refused = server.client.post("/api/function", json=body)
    assert refused.status_code in (401, 403)
    headers = {"Authorization": f"Convex {ADMIN_KEY}"}
    unknown = server.client.post(
        "/api/function", json=body | {"componentPath": "nobody"}, headers=headers
    )
    assert unknown.status_code == 404
    # Elsewhere the field means nothing.
    ignored = server.client.post("/api/query", json=body).json()
    assert "Could not find public function" in ignored["errorMessage"]


def test_a_live_query_sees_what_a_component_reads(server: Server) -> None:
    client = ConvexClient(server.url)
    results = client.subscribe("posts:counts", {"title": "live"})
    assert next(results) == {"likes": 0, "views": 0}
    assert client.mutation("posts:like", {"title": "live"}) == 1
    wait_for_result(results, {"likes": 1, "views": 0})
    server.component("views", "lib:add", name="live")
    wait_for_result(results, {"likes": 1, "views": 10})


def test_admins_name_components_over_a_socket(server: Server) -> None:
    npm_folder()
    with live_client(server.url) as client:

        def called(kind: str, component: str, path: str, **args: Any) -> dict[str, Any]:
            fields = {"component": component, "kind": kind, "path": path, "args": args}
            return client.outcome(client.command("component_call", **fields))

        watching = {"component": "views", "path": "lib:get", "args": {"name": "socket"}}
        refused = client.command("component_subscribe", **watching)
        assert "Could not find public function" in client.outcome(refused)["message"]
        answer = called("mutation", "views", "lib:add", name="socket")
        assert "Could not find public function" in answer["message"]
    with live_client(server.url) as client:
        client.command("admin", key=ADMIN_KEY)
        watched = client.command("component_subscribe", **watching)
        client.until_value(watched, 0)
        assert called("mutation", "views", "lib:add", name="socket")["value"] == 10
        client.until_value(watched, 10)
        assert called("action", "views", "lib:add_outside", name="socket")["value"] == "10"
        client.until_value(watched, 20)
        assert server.component("likes", "lib:get", name="socket") == 0
        everything = {"component": "views", "path": "lib:everything", "args": {}}
        internal = client.outcome(client.command("component_subscribe", **everything))
        assert "socket" in [row["name"] for row in internal["value"]]
        nobody = called("mutation", "nobody", "lib:add", name="socket")
        assert "no component is mounted at 'nobody'" in nobody["message"]


def test_the_command_calls_functions_of_components(server: Server, tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        options = ("--url", server.url, "--admin-key", ADMIN_KEY)
        return run_cli("run", *options, *arguments, folder=tmp_path, check=False)

    inner = run("--component", "outer/inner", "notes:add", '{"text": "by command"}')
    assert "by command" in json.loads(inner.stdout)
    everything = run("--component", "likes", "internal.lib.everything")
    assert everything.returncode == 0, everything.stderr
    misspelt = run("--component", "likes", "lib:ad", '{"name": "x"}')
    assert misspelt.returncode == 1
    assert "did you mean `lib:add`?" in misspelt.stderr
    nobody = run("--component", "nobody", "lib:add", "{}")
    assert nobody.returncode != 0
    assert "There is no component 'nobody'; mounted are: likes" in nobody.stderr


def test_actions_of_components_run_in_worker_processes(server: Server) -> None:
    assert server.component("views", "lib:add_outside", name="outside") == "10"
    assert server.component("likes", "lib:add_outside", name="outside") == "1"
    counts = server.call("query", "posts:counts", title="outside")
    assert counts == {"likes": 1, "views": 10}
    server.call("action", "letters:send_outside", text="outside")
    assert {"outside", "outside again"} <= set(server.call("query", "letters:received"))


def test_files_of_a_component_are_its_own(server: Server) -> None:
    before = [server.component(mount, "lib:files") for mount in ("likes", "views")]
    stored = server.component("likes", "lib:store", text="of likes")
    assert server.client.get(stored["url"]).text == "of likes"
    assert "component=likes" in stored["url"]
    elsewhere = stored["url"].replace("component=likes", "component=views")
    assert server.client.get(elsewhere).status_code == 404
    assert server.client.get(stored["url"].partition("?")[0]).status_code == 404
    misled = stored["upload"].replace("component=likes", "component=views")
    assert server.client.post(misled, content=b"x").status_code == 401
    assert server.client.post(stored["upload"], content=b"x").status_code == 200
    after = [server.component(mount, "lib:files") for mount in ("likes", "views")]
    assert after == [before[0] + 2, before[1]]
