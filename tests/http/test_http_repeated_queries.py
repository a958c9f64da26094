"""A query that was asked before is answered as the first time, as long as that is right."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPResponse
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from convexity.http import repeated_queries
from convexity.http.calls import FunctionCall
from convexity.http.repeated_queries import RepeatedQueries

from tests.support.backends import ADMIN_KEY, Server

if TYPE_CHECKING:
    from convexity.backend import Backend

ECHO = {"path": "values:echo", "args": {"value": {"$integer": "AQAAAAAAAAA="}}}
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def connection(wire: Server) -> Iterator[HTTPConnection]:
    """One connection for all requests of a test."""
    opened = HTTPConnection("127.0.0.1", wire.port, timeout=30)
    yield opened
    opened.close()


def post(
    connection: HTTPConnection, body: object, headers: Mapping[str, str] = JSON
) -> tuple[HTTPResponse, Any]:
    connection.request("POST", "/api/query", json.dumps(body), headers)
    response = connection.getresponse()
    return response, json.load(response)


def value(connection: HTTPConnection, body: object, headers: Mapping[str, str] = JSON) -> Any:
    _, answer = post(connection, body, JSON | dict(headers))
    assert answer["status"] == "success", answer
    return answer["value"]


def raw(path: str, args: object, *, more: str = "") -> bytes:
    """A request as it goes over the wire."""
    body = json.dumps({"path": path, "args": args, "format": "json"})
    return (
        "POST /api/query HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n{more}\r\n{body}"
    ).encode()


def read_values(opened: socket.socket, count: int) -> list[Any]:
    """The values of so many answers, in the order in which they come."""
    values = []
    reader = opened.makefile("rb")
    for _ in range(count):
        assert reader.readline() == b"HTTP/1.1 200 OK\r\n"
        length = 0
        while (line := reader.readline()) != b"\r\n":
            name, _, text = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(text)
        values.append(json.loads(reader.read(length))["value"])
    return values


def test_a_commit_changes_the_answer(wire: Server, connection: HTTPConnection) -> None:
    note = wire.call("mutation", "notes:add", text="liked")
    asked = {"path": "notes:get", "args": {"id": note}, "format": "json"}
    for likes in range(1, 4):
        wire.call("mutation", "notes:like", id=note)
        for _ in range(3):
            assert value(connection, asked)["likes"] == likes


def test_the_answer_comes_with_the_same_headers(connection: HTTPConnection) -> None:
    def headers(origin: Mapping[str, str]) -> dict[str, str]:
        response, _ = post(connection, ECHO, {**JSON, **origin})
        return {name: text for name, text in response.getheaders() if name != "date"}

    for origin in ({}, {"Origin": "https://a.example"}, {"Origin": "https://b.example"}):
        first, *others = [headers(origin) for _ in range(3)]
        assert first.get("access-control-allow-origin") == origin.get("Origin")
        assert others == [first, first]


def test_each_client_gets_its_format(connection: HTTPConnection) -> None:
    for _ in range(3):
        assert value(connection, ECHO) == "1"
        old = value(connection, ECHO, {"Convex-Client": "npm-1.0.0"})
        assert old == {"$integer": "AQAAAAAAAAA="}
        assert value(connection, ECHO, {"Convex-Client": "npm-1.48.0"}) == "1"


def test_log_lines_come_again(connection: HTTPConnection) -> None:
    (_, first), *others = [
        post(connection, {"path": "failures:talk", "args": {}}) for _ in range(3)
    ]
    assert first["logLines"]
    assert [answer for _, answer in others] == [first, first]


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Authorization": "Convex wrong|key"}, 403, "BadDeployKey"),
        ({"Authorization": "Bearer no-token"}, 401, "InvalidAuthHeader"),
        ({"Authorization": "Basic abcdef"}, 400, "InvalidAdminKey"),
        ({"Content-Type": "text/plain"}, 400, "BadJsonBody"),
        ({"Convex-Client": "?"}, 400, "InvalidClientVersion"),
    ],
)
def test_what_is_refused_is_refused_for_a_known_query_too(
    connection: HTTPConnection, headers: Mapping[str, str], status: int, code: str
) -> None:
    for _ in range(2):
        assert value(connection, ECHO) == "1"
        response, answer = post(connection, ECHO, {**JSON, **headers})
        assert (response.status, answer["code"]) == (status, code)


def test_the_answer_for_an_admin_is_for_no_one_else(connection: HTTPConnection) -> None:
    asked = {"path": "notes:who", "args": {}}
    hidden = {"path": "failures:hidden", "args": {}}
    acting = "Convex " + ADMIN_KEY + ":eyJzdWJqZWN0IjogImEiLCAiaXNzdWVyIjogImkifQ=="
    for _ in range(3):
        assert value(connection, asked, {"Authorization": acting})["subject"] == "a"
        assert value(connection, asked) is None
        assert value(connection, hidden, {"Authorization": f"Convex {ADMIN_KEY}"}) == "secret"
        _, answer = post(connection, hidden)
        assert answer["status"] == "error"


def test_requests_that_do_not_wait_for_answers_get_them_in_order(wire: Server) -> None:
    texts = ["known", "new", "known", "new too", "known", "known"]
    wire.call("query", "values:echo", value="known")
    with socket.create_connection(("127.0.0.1", wire.port), timeout=30) as opened:
        opened.sendall(b"".join(raw("values:echo", {"value": text}) for text in texts))
        assert read_values(opened, len(texts)) == texts


@pytest.mark.parametrize("at", ["head", "body"])
def test_a_known_query_that_arrives_in_pieces(wire: Server, at: str) -> None:
    request = raw("values:echo", {"value": "pieces"})
    end = request.index(b"\r\n\r\n") + (-10 if at == "head" else 10)
    with socket.create_connection(("127.0.0.1", wire.port), timeout=30) as opened:
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(3):
            opened.sendall(request[:end])
            # An answer on another connection: what was sent before it is read by then.
            wire.client.get("/version")
            opened.sendall(request[end:])
            assert read_values(opened, 1) == ["pieces"]


def test_a_connection_that_is_to_be_closed_is_closed(wire: Server) -> None:
    request = raw("values:echo", {"value": "last"}, more="Connection: close\r\n")
    for _ in range(2):
        with socket.create_connection(("127.0.0.1", wire.port), timeout=30) as opened:
            opened.sendall(request)
            assert opened.makefile("rb").read().endswith(b'{"status":"success","value":"last"}')


class _Backend:
    """Has a result for whatever is asked."""

    settings = SimpleNamespace(redact_errors=False)
    tokens = None

    @property
    def queries(self) -> Any:
        function = SimpleNamespace(error=None)
        result = SimpleNamespace(function=function, answer_json=lambda *_, **__: b"{}")
        return SimpleNamespace(find_now=lambda *_: result)


def test_long_headers_take_room_from_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeated_queries, "_CAPACITY", 20_000)
    repeated = RepeatedQueries(cast("Backend", _Backend()))
    call = FunctionCall("m:f", {}, "json")

    def scope(client: bytes) -> dict[str, Any]:
        return {"headers": [(b"convex-client", client)], "query_string": b""}

    repeated.remember(scope(b"short"), b"{}", call)
    repeated.remember(scope(b"x" * 15_000), b"{}", call)
    assert repeated.answer_now(scope(b"short"), b"{}") == b"{}"
    repeated.remember(scope(b"y" * 15_000), b"{}", call)
    assert repeated.answer_now(scope(b"short"), b"{}") is None
    assert repeated.answer_now(scope(b"x" * 15_000), b"{}") is None
    assert repeated.answer_now(scope(b"y" * 15_000), b"{}") == b"{}"
