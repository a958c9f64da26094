"""Requests that cannot be answered: status, code and message (wire-protocol 2.3 to 2.5)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.backends import ADMIN_KEY, Server

GOOD: dict[str, Any] = {"path": "values:echo", "args": {"value": 1}}
JSON = {"Content-Type": "application/json"}


def body(**changes: object) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


BAD_BODIES = {
    "empty": b"",
    "no JSON": b"{",
    "two documents": b"{} {}",
    "comment": b"{} // x",
    "trailing comma": b'{"path":"values:echo","args":{},}',
    "array": b"[]",
    "string": b'"x"',
    "null": b"null",
    "number": b"1",
    "NaN": b'{"path":"values:echo","args":{"value":NaN}}',
    "infinite": b'{"path":"values:echo","args":{"value":1e999}}',
    "invalid UTF-8": b'{"path":"values:echo","args":{"value":"\xff"}}',
    "truncated UTF-8": b'{"path":"values:echo","args":{"value":"\xe2\x82"}}',
    "UTF-16": '{"path":"values:echo","args":{}}'.encode("utf-16"),
    "lone high surrogate": rb'{"path":"values:echo","args":{"value":"\ud800"}}',
    "lone low surrogate": rb'{"path":"values:echo","args":{"value":"\udc00x"}}',
    "surrogate in a key": rb'{"path":"values:echo","args":{"\ud800":1}}',
    "surrogate as UTF-8": b'{"path":"values:echo","args":{"value":"\xed\xa0\x80"}}',
    "nested arrays": b'{"path":"values:echo","args":{"value":' + b"[" * 100_000,
    "closed nested arrays": (
        b'{"path":"values:echo","args":{"value":' + b"[" * 5000 + b"]" * 5000 + b"}}"
    ),
    "nested objects": b'{"a":' * 100_000,
    "without path": json.dumps({"args": {}}).encode(),
    "path is no string": body(path=1),
    "path is null": body(path=None),
    "without args": json.dumps({"path": "values:echo"}).encode(),
    "args is a string": body(args="x"),
    "args is null": body(args=None),
    "args is a number": body(args=1),
    "args is true": body(args=True),
}


@pytest.mark.parametrize("name", BAD_BODIES)
@pytest.mark.parametrize("kind", ["query", "mutation", "action"])
def test_a_body_that_cannot_be_read(wire: Server, kind: str, name: str):
    response = wire.client.post(f"/api/{kind}", content=BAD_BODIES[name], headers=JSON)
    assert_refused(response, 400, "BadJsonBody")


@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "json"],
)
def test_a_body_that_is_not_declared_as_json(wire: Server, content_type: str | None):
    headers = {} if content_type is None else {"Content-Type": content_type}
    response = wire.client.post("/api/query", content=body(), headers=headers)
    assert_refused(response, 400, "BadJsonBody")


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/ld+json",
    ],
)
def test_content_types_that_are_json(wire: Server, content_type: str):
    headers = {"Content-Type": content_type}
    assert wire.client.post("/api/query", content=body(), headers=headers).json()["value"] == 1


@pytest.mark.parametrize(
    "path",
    [
        "",
        ":",
        "/messages:list",
        "messages:list:",
        "../x:y",
        "..:y",
        "messages.ts:list",
        "api.messages.list",
        "a//b:c",
        "a/:c",
        "___:c",
        "m:1x",
        "m:a-b",
        "m:_",
        "mödule:x",
        "m:ö",
        "m\n:x",
        "m:x\n",
        "a b:c",
        "x" * 65 + ":f",
        "m:" + "f" * 65,
    ],
)
def test_a_path_that_names_no_function(wire: Server, path: str):
    response = wire.client.post("/api/query", content=body(path=path), headers=JSON)
    assert_refused(response, 400, "BadConvexFunctionIdentifier")
    message = response.json()["message"]
    assert message.startswith(f"`{path}` is not a valid path to a Convex function.")


@pytest.mark.parametrize("requested", ["", "xml", "JSON", 1, True, [], {}])
def test_an_unknown_format(wire: Server, requested: object):
    response = wire.client.post("/api/query", content=body(format=requested), headers=JSON)
    assert_refused(response, 400, "BadFormat")


@pytest.mark.parametrize(
    "client",
    ["", "npm", "npm-1", "npm-1.x.0", "1.48.0", "-1.2.3", "npm 1.2.3", f"npm-{'9' * 5000}.0.0"],
)
def test_a_client_that_cannot_be_read(wire: Server, client: str):
    headers = {**JSON, "Convex-Client": client}
    response = wire.client.post("/api/query", content=body(), headers=headers)
    assert_refused(response, 400, "InvalidClientVersion")


@pytest.mark.parametrize(
    ("authorization", "status", "code"),
    [
        ("", 400, "InvalidHeaderFailure"),
        ("Bearer", 400, "InvalidHeaderFailure"),
        ("Basic dXNlcjpwYXNz", 400, "InvalidAdminKey"),
        ("nonsense", 400, "InvalidAdminKey"),
        ("Bearer x", 401, "InvalidAuthHeader"),
        ("bearer a.b.c", 401, "InvalidAuthHeader"),
        ("Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln", 401, "NoAuthProvider"),
        ("Convex wrong", 403, "BadDeployKey"),
        ("Convex test|wrong", 403, "BadDeployKey"),
        ("Convex |", 403, "BadDeployKey"),
        ("convex " + ADMIN_KEY[:-1], 403, "BadDeployKey"),
        ("convex " + ADMIN_KEY + "0", 403, "BadDeployKey"),
        (f"Convex {ADMIN_KEY}:", 400, "InvalidHeaderFailure"),
        (f"Convex {ADMIN_KEY}:!!!", 400, "InvalidHeaderFailure"),
        (f"Convex {ADMIN_KEY}:W10=", 400, "InvalidHeaderFailure"),
        (f"Convex {ADMIN_KEY}:e30", 400, "InvalidHeaderFailure"),
        ("Convex wrong:e30=", 403, "BadDeployKey"),
    ],
)
def test_an_authorization_that_is_not_accepted(
    wire: Server, authorization: str, status: int, code: str
):
    headers = {**JSON, "Authorization": authorization}
    for path in ("/api/query", "/api/run/values/echo", "/api/query_ts"):
        response = wire.client.post(path, content=body(), headers=headers)
        assert_refused(response, status, code)


def test_an_authorization_that_is_not_ascii(wire: Server):
    headers = {**JSON, "Authorization": b"Convex \xff\xfe\xfd"}
    response = wire.client.post("/api/query", content=body(), headers=headers)
    assert_refused(response, 403, "BadDeployKey")


@pytest.mark.parametrize("key", ["wrong", "", "%ff"])
def test_a_wrong_key_as_a_query_parameter(wire: Server, key: str):
    response = wire.client.post(f"/api/query?adminKey={key}", content=body(), headers=JSON)
    if key:
        assert_refused(response, 403, "BadDeployKey")
    else:
        assert response.status_code == 200


def test_only_admins_run_functions_of_any_kind(wire: Server):
    response = wire.client.post("/api/function", content=body(), headers=JSON)
    assert_refused(response, 403, "BadDeployKey")


def test_there_are_no_components(wire: Server):
    headers = {**JSON, "Authorization": f"Convex {ADMIN_KEY}"}
    for component in ("agent", ["agent"], 1):
        content = body(componentPath=component)
        assert_refused(
            wire.client.post("/api/function", content=content, headers=headers),
            404,
            "ComponentNotFound",
        )
    plain = wire.client.post("/api/function", content=body(componentPath=None), headers=headers)
    assert plain.json()["value"] == 1


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/run/values", "MissingIdentifier"),
        ("/api/run/", "MissingIdentifier"),
        ("/api/run/a%20b/c", "BadConvexFunctionIdentifier"),
        ("/api/run/a/%ff", "BadConvexFunctionIdentifier"),
        ("/api/run/%2e%2e%2fx/echo", "BadConvexFunctionIdentifier"),
        ("/api/run/values/echo%0a", "BadConvexFunctionIdentifier"),
    ],
)
def test_a_run_path_that_names_no_function(wire: Server, path: str, code: str):
    response = wire.client.post(wire.url + path, content=b'{"args":{}}', headers=JSON)
    assert_refused(response, 400, code)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "BadQueryArgs"),
        ("path=values:echo", "BadQueryArgs"),
        ("args={}", "BadQueryArgs"),
        ("path=values:echo&args=", "BadJsonBody"),
        ("path=values:echo&args={", "BadJsonBody"),
        ("path=values:echo&args=1", "BadJsonBody"),
        ("path=values:echo&args=%ff", "BadQueryArgs"),
        ("path=values.ts:echo&args={}", "BadConvexFunctionIdentifier"),
        ("path=values:echo&args={}&format=xml", "BadFormat"),
        ("path=values:echo&args={}&format=", "BadFormat"),
    ],
)
def test_a_query_by_get_that_cannot_be_read(wire: Server, query: str, code: str):
    assert_refused(wire.client.get(f"/api/query?{query}"), 400, code)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/query", "POST, GET, HEAD, OPTIONS"),
        ("GET", "/api/mutation", "POST, OPTIONS"),
        ("GET", "/api/run/values/echo", "POST, OPTIONS"),
        ("DELETE", "/version", "GET, HEAD, OPTIONS"),
        ("TRACE", "/api/query", "POST, GET, HEAD, OPTIONS"),
        ("POST", "/openapi.json", "GET, HEAD"),
    ],
)
def test_a_method_that_is_not_allowed(wire: Server, method: str, path: str, allowed: str):
    response = wire.client.request(method, path)
    assert_refused(response, 405, "MethodNotAllowed")
    assert set(response.headers["allow"].split(", ")) <= set(allowed.split(", "))


@pytest.mark.parametrize("path", ["/nowhere", "/api", "/api/", "/api/nowhere", "/api/query/more"])
def test_an_unknown_path(wire: Server, path: str):
    for method in ("GET", "POST"):
        assert_refused(wire.client.request(method, path), 404, "NotFound")


def test_the_server_goes_on_after_all_that(wire: Server):
    assert wire.call("query", "values:echo", value="still there") == "still there"
    assert "Traceback" not in wire.log.read_text()


def assert_refused(response: Any, status: int, code: str) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    answer = response.json()
    assert answer["code"] == code
    assert answer["message"]
    assert set(answer) == {"code", "message"}
