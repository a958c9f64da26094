"""Calls from pages of other origins (wire-protocol 2.4)."""

from __future__ import annotations

import pytest

from tests.support.backends import Server

ORIGIN = "https://example.org"


def assert_shared(response) -> None:
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert response.headers["access-control-allow-credentials"] == "true"
    assert "origin" in response.headers["vary"]


@pytest.mark.parametrize("path", ["/api/query", "/api/action", "/api/run/a/b", "/api/query_ts"])
def test_a_browser_may_ask_first(wire: Server, path: str):
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,convex-client,content-type",
    }
    response = wire.client.options(path, headers=asked)
    assert response.status_code == 200
    assert_shared(response)
    assert (
        response.headers["access-control-allow-headers"]
        == (asked["Access-Control-Request-Headers"])
    )
    assert {"GET", "POST", "OPTIONS", "PATCH", "DELETE", "PUT"} == set(
        response.headers["access-control-allow-methods"].split(", ")
    )
    assert response.headers["access-control-max-age"] == "86400"


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("POST", "/api/query", b'{"path":"values:echo","args":{"value":1}}'),
        ("POST", "/api/query", b'{"path":"failures:boom","args":{}}'),
        ("POST", "/api/query", b"{"),
        ("PUT", "/api/query", b""),
        ("GET", "/api/nowhere", b""),
    ],
)
def test_every_answer_is_shared(wire: Server, method: str, path: str, content: bytes):
    headers = {"Origin": ORIGIN, "Content-Type": "application/json"}
    assert_shared(wire.client.request(method, path, content=content, headers=headers))


def test_without_an_origin_nothing_is_said(wire: Server):
    response = wire.client.get("/version")
    assert not [name for name in response.headers if name.startswith("access-control")]
