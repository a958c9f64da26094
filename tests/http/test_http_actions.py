"""HTTP actions: where they answer, what they see, what they send."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.support.backends import ADMIN_KEY, FIXTURES, Server, build_project, serve

MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def site_dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_project(FIXTURES / "site", tmp_path_factory.mktemp("site") / "site")


@pytest.fixture(scope="module")
def site(site_dist: Path) -> Iterator[Server]:
    with serve(site_dist) as server:
        yield server


@pytest.fixture(params=["/http", ""], ids=["below /http", "at the exact path"])
def base(request: pytest.FixtureRequest, site: Server) -> str:
    return f"{site.url}{request.param}"


def test_an_action_sees_the_request(base: str):
    seen = httpx.get(f"{base}/seen?a=1&b=%20", headers={"X-Test": "yes", "Host": "example.com"})
    assert seen.json() == {
        "method": "GET",
        "url": "http://example.com/seen?a=1&b=%20",
        "body": "",
        "header": "yes",
    }


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Proto": "https"},
        {"X-Forwarded-Proto": "https, http"},
        {"Forwarded": 'for=1.2.3.4;proto="https";by=5.6.7.8'},
        {"X-Forwarded-Proto": "https", "Forwarded": "proto=http"},
    ],
    ids=str,
)
def test_a_proxy_says_which_scheme_the_client_used(site: Server, headers: dict[str, str]):
    seen = site.client.get("/seen", headers=headers).json()
    assert seen["url"] == f"https://127.0.0.1:{site.port}/seen"


def test_a_scheme_that_is_none_is_not_believed(site: Server):
    seen = site.client.get("/seen", headers={"X-Forwarded-Proto": "javascript"}).json()
    assert seen["url"].startswith("http://")


def test_bodies_go_both_ways_and_functions_can_be_called(base: str):
    answer = httpx.post(f"{base}/echo", content=b"\x00\xff", headers={"Content-Type": "a/b"})
    assert (answer.content, answer.headers["content-type"]) == (b"\x00\xff", "a/b")
    assert httpx.get(f"{base}/tasks").json()[0] == "/echo"


def test_a_head_request_is_a_get_without_its_body(base: str):
    answer = httpx.head(f"{base}/seen")
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) > 0
    assert answer.content == b""


def test_a_get_has_no_body_to_read(site: Server):
    assert site.client.request("GET", "/seen", content=b"hidden").json()["body"] == ""


@pytest.mark.parametrize("method", ["OPTIONS", "DELETE", "PATCH", "PUT"])
def test_every_method_is_the_own_business_of_the_project(base: str, method: str):
    answer = httpx.request(method, f"{base}/cors", headers={"Origin": "http://other"})
    assert answer.text == f"{method} /cors"
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "answer"),
    [
        ("GET", "/files/a/b", "GET /files/a/b"),
        ("GET", "/files/inner/a", "inner"),
        ("GET", "/files/inner/", "inner"),
        ("GET", "/files/inner", "GET /files/inner"),
        ("GET", "/files/exact", "GET /files/exact"),
        ("POST", "/files/exact", "inner"),
        ("GET", "/files/inner%2Fa", "GET /files/inner/a"),
    ],
)
def test_the_exact_path_wins_then_the_longest_prefix(
    site: Server, method: str, path: str, answer: str
):
    assert site.client.request(method, f"/http{path}").text == answer


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/none"), ("GET", "/Seen"), ("GET", "/seen/"), ("POST", "/seen"), ("GET", "/files")],
)
def test_other_requests_match_no_route(site: Server, method: str, path: str):
    answer = site.client.request(method, f"/http{path}")
    assert (answer.status_code, answer.text) == (404, "No matching routes found")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_a_method_that_cannot_be_routed(site: Server):
    answer = site.client.request("TRACE", "/http/seen")
    assert (answer.status_code, answer.text) == (405, "TRACE is not allowed")


def test_the_api_is_not_hidden_by_routes(site: Server):
    answer = site.client.get("/api/query", params={"path": "hits:paths", "args": "{}"})
    assert answer.json()["status"] == "error"
    assert site.client.get("/http/api/query").text == "inner"


def test_a_stream_may_use_the_context_until_it_ends(base: str):
    assert httpx.get(f"{base}/stream").text == "0\n1\n2\n"
    assert httpx.get(f"{base}/tasks").json() == ["/stream/2", "/stream/1", "/stream/0"]


def test_a_failure_is_answered_with_what_happened(base: str):
    answer = httpx.get(f"{base}/fail?code=7")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body["data"] == {"code": "7"}
    assert body["code"].startswith("[Request ID: ")
    assert body["code"].endswith('] Server Error: Uncaught ConvexError: {"code":"7"}')
    assert "at fail (convex/http.py:" in body["trace"]


def test_a_deployment_that_redacts_tells_the_data_alone(site_dist: Path, tmp_path: Path):
    dist = Path(shutil.copytree(site_dist, tmp_path / "dist"))
    with serve(dist, CONVEXITY_REDACT_ERRORS="true") as server:
        body = server.client.get("/fail?code=7").json()
    assert body.keys() == {"code", "data"}
    assert body["code"].endswith("] Server Error")


def test_an_action_must_return_a_response(site: Server):
    answer = site.client.get("/nothing")
    assert answer.status_code == 500
    assert "GET /nothing must return a Response, not None" in answer.json()["code"]


def test_logs_and_failures_are_in_the_log_of_the_server(site: Server):
    site.client.get("/fail?code=8")
    log = site.log.read_text()
    assert "[GET /fail] [LOG] 'about to fail'" in log
    assert 'Uncaught ConvexError: {"code":"8"}' in log


def test_a_failure_in_the_middle_of_a_stream_ends_the_connection(site: Server):
    with pytest.raises(httpx.RemoteProtocolError):
        site.client.get("/late")
    assert site.client.get("/seen").status_code == 200


def test_a_token_that_proves_nothing_matters_only_to_those_who_ask(site: Server):
    headers = {"Authorization": "Basic YTpi"}
    assert site.client.get("/key", headers=headers).text == "Basic YTpi"
    refused = site.client.get("/who", headers=headers)
    assert refused.status_code == 500
    assert "Uncaught UnauthenticatedError: " in refused.json()["code"]
    assert site.client.get("/who").text == "nobody"
    assert site.client.get("/who", headers={"Authorization": f"Convex {ADMIN_KEY}"}).text == (
        "nobody"
    )


def test_bodies_have_limits(site: Server):
    allowed = site.client.post("/size", content=b"x" * 20 * MEBIBYTE)
    assert allowed.text == str(20 * MEBIBYTE)
    refused = site.client.post("/size", content=b"x" * (20 * MEBIBYTE + 1))
    assert refused.status_code == 413
    assert "the body of the request is larger than 20971520 bytes" in refused.json()["code"]
    answer = site.client.get("/large")
    assert answer.status_code == 500
    assert "the body of the response is larger than 20971520 bytes" in answer.json()["code"]


def test_a_body_is_not_read_before_the_action_asks(site: Server):
    with socket.create_connection(("127.0.0.1", site.port)) as connection:
        head = b"POST /size HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head + b"3\r\nabc\r\n")
        connection.sendall(b"2\r\nde\r\n0\r\n\r\n")
        assert b"\r\n\r\n5" in connection.recv(4096)


@pytest.mark.parametrize("path", ["/seen", "/stream", "/version"])
def test_requests_that_do_not_wait_for_answers_get_them(site: Server, path: str):
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\n"
    with socket.create_connection(("127.0.0.1", site.port), timeout=60) as connection:
        connection.sendall(f"{request}\r\n{request}\r\n{request}Connection: close\r\n\r\n".encode())
        with connection.makefile("rb") as stream:
            answers = stream.read()
    assert answers.count(b"HTTP/1.1 200 OK\r\n") == 3


def test_actions_are_described_as_plain_operations(site: Server):
    paths = site.client.get("/openapi.json").json()["paths"]
    assert paths["/seen"]["get"]["summary"] == "What the action sees of a request."
    assert paths["/seen"]["get"]["description"] == "Everything that a proxy may change is in it."
    assert paths["/files/{rest}"]["get"]["parameters"][0]["name"] == "rest"
    assert "requestBody" not in paths["/cors"]["put"]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_actions_have_a_port_of_their_own(site_dist: Path, tmp_path: Path, workers: str):
    dist = Path(shutil.copytree(site_dist, tmp_path / "dist"))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        site_port = probe.getsockname()[1]
    with serve(dist, arguments=("--site-port", str(site_port), "--workers", workers)) as server:
        own = f"http://127.0.0.1:{site_port}"
        assert f"HTTP actions answer at {own}\n" in server.log.read_text()
        assert httpx.get(f"{own}/api/query").text == "inner"
        assert httpx.get(f"{own}/seen").json()["url"] == f"{own}/seen"
        assert httpx.get(f"{own}/version").text == "No matching routes found"
        assert httpx.get(f"{own}/http/seen").text == "No matching routes found"
        assert server.client.get("/http/seen").status_code == 200
        with pytest.raises(InvalidStatus):
            connect(f"ws://127.0.0.1:{site_port}/api/sync")
        with connect(f"ws://127.0.0.1:{server.port}/api/sync"):
            pass


def test_a_site_port_that_is_taken(site_dist: Path, tmp_path: Path):
    dist = Path(shutil.copytree(site_dist, tmp_path / "dist"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(AssertionError, match=f"cannot listen on localhost, site port {port}"),
            serve(dist, arguments=("--site-port", str(port))),
        ):
            pass
        with (
            pytest.raises(AssertionError, match=f"port {port}: .* choose another --port or --host"),
            serve(dist, port=port),
        ):
            pass


def test_a_project_without_routes_says_so(wire: Server):
    answer = wire.client.get("/http/seen")
    assert answer.status_code == 404
    assert answer.text == "This Convex deployment does not have HTTP actions enabled."


def test_routes_that_differ_from_what_was_compiled_stop_the_start(site_dist: Path, tmp_path: Path):
    dist = Path(shutil.copytree(site_dist, tmp_path / "dist"))
    module = dist / "convex" / "http.py"
    module.write_text(module.read_text().replace('path="/seen"', 'path="/saw"'))
    with (
        pytest.raises(AssertionError, match=r"GET /saw is added by http\.py, but was not compiled"),
        serve(dist),
    ):
        pass
