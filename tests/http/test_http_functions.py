"""Answers of functions: values, failures, log lines (wire-protocol 1.5, 2.2)."""

from __future__ import annotations

import base64
import json
import re

import pytest

from tests.support.backends import ADMIN_KEY, Server

ADMIN = {"Authorization": f"Convex {ADMIN_KEY}"}
ENCODED = "convex_encoded_json"


def post(server: Server, kind: str, path: str, args: object, *, headers=None, **more: object):
    body = {"path": path, "args": args, **more}
    response = server.client.post(f"/api/{kind}", json=body, headers=headers or {})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    return response.json()


def failure(server: Server, *call, headers=None) -> str:
    answer = post(server, *call, headers=headers)
    assert answer["status"] == "error"
    first, _, rest = answer["errorMessage"].partition("\n")
    assert re.fullmatch(r"\[Request ID: [0-9a-f]{16}\] Server Error", first)
    return rest


def test_a_value_comes_without_log_lines(wire: Server):
    assert post(wire, "action", "notes:shout", {"text": "abc"}) == {
        "status": "success",
        "value": "ABC",
    }


def test_log_lines_come_with_the_value(wire: Server):
    answer = post(wire, "query", "failures:talk", {})
    assert answer == {
        "status": "success",
        "value": None,
        "logLines": ["[LOG] 'hello' 1.5", "[ERROR] 'to stderr'", "[WARN] 'careful'"],
    }


def test_log_lines_and_failures_reach_the_servers_own_log(wire: Server):
    answer = post(wire, "query", "failures:boom", {})
    log = wire.log.read_text()
    assert "[failures:boom] [LOG] 'before the failure'" in log
    assert re.search(r"\[Request ID: (\w+)\]", answer["errorMessage"])[0] in log
    answer = post(wire, "query", "failures.js:boom", {})
    request = re.search(r"\[Request ID: (\w+)\]", answer["errorMessage"])[0]
    lines = [line for line in wire.log.read_text().splitlines() if request in line]
    assert lines == [f"[failures:boom] {request} Uncaught ValueError: boom"]


@pytest.mark.parametrize("args", [{"text": "x"}, [{"text": "x"}]], ids=["object", "array"])
def test_arguments_come_as_an_object_or_in_an_array(wire: Server, args: object):
    assert post(wire, "action", "notes:shout", args)["value"] == "X"


def test_every_bare_number_is_written_with_a_decimal_point(wire: Server):
    for requested in (None, "json", ENCODED, "export_json"):
        body = {"path": "values:echo", "args": {"value": 1}, "format": requested}
        assert b'"value":1.0' in wire.client.post("/api/query", json=body).content


TYPED = {
    "number": 1,
    "integer": {"$integer": "AQAAAAAAAAA="},
    "data": {"$bytes": "ABCD"},
    "flag": True,
    "text": "t",
    "nothing": None,
    "kind": "a",
    "tags": ["x"],
    "scores": {"nan": {"$float": "AAAAAAAA+H8="}, "low": {"$float": "AAAAAAAA8P8="}},
}


@pytest.mark.parametrize(
    ("name", "integer", "data", "scores"),
    [
        ("json", "1", "ABCD", {"nan": "NaN", "low": "-Infinity"}),
        ("convex_clean_json", "1", "ABCD", {"nan": "NaN", "low": "-Infinity"}),
        (ENCODED, TYPED["integer"], TYPED["data"], TYPED["scores"]),
        ("convex_json", TYPED["integer"], TYPED["data"], TYPED["scores"]),
        ("export_json", 1, TYPED["data"], TYPED["scores"]),
    ],
)
def test_the_format_decides_how_the_value_is_written(wire: Server, name, integer, data, scores):
    value = post(wire, "query", "values:typed", TYPED, format=name)["value"]
    expected = {"number": 1.0, "integer": integer, "data": data, "text": "t", "scores": scores}
    assert value == expected


@pytest.mark.parametrize(
    ("client", "encoded"),
    [
        (None, False),
        ("npm-1.4.0", True),
        ("npm-1.4.1", False),
        ("npm-1.48.0", False),
        ("python-0.4.9", True),
        ("python-0.7.0-a1", False),
        ("rust-0.1.0", False),
    ],
)
def test_without_a_format_the_client_decides(wire: Server, client: str | None, encoded: bool):
    headers = {"Convex-Client": client} if client else {}
    number = TYPED["integer"]
    value = post(wire, "query", "values:echo", {"value": number}, headers=headers)["value"]
    assert value == (number if encoded else "1")
    run = wire.client.post(
        "/api/run/values/echo", json={"args": {"value": number}}, headers=headers
    )
    assert run.json()["value"] == "1"


def test_a_failure_is_answered_with_its_message_and_place(wire: Server):
    message = failure(wire, "query", "failures:boom", {})
    assert re.fullmatch(r"Uncaught ValueError: boom\n    at boom \(.*:\d+\)\n", message)
    assert "errorData" not in post(wire, "query", "failures:boom", {})


@pytest.mark.parametrize(
    "data",
    [None, "text", {"code": 1.0}, [1.0, {"$integer": "AQAAAAAAAAA="}], {"$bytes": ""}],
    ids=str,
)
def test_a_convex_error_carries_its_data(wire: Server, data: object):
    answer = post(wire, "query", "failures:refuse", {"data": data}, format=ENCODED)
    assert answer["status"] == "error"
    assert "errorData" in answer
    assert answer["errorData"] == data
    assert "Uncaught ConvexError: " in answer["errorMessage"]


def test_the_error_of_a_nested_call_keeps_its_data(wire: Server):
    answer = post(wire, "action", "failures:fail_in_action", {}, format=ENCODED)
    assert answer["errorData"] == {"code": 1.0}


@pytest.mark.parametrize(
    ("kind", "path", "args", "message"),
    [
        ("query", "nowhere:list", {}, "Could not find public function for 'nowhere:list'."),
        ("query", "nowhere", {}, "Could not find public function for 'nowhere'."),
        ("query", "notes.js:nothing", {}, "Could not find public function for 'notes:nothing'."),
        (
            "query",
            "failures:hidden",
            {},
            "Could not find public function for 'failures:hidden'.",
        ),
        (
            "mutation",
            "failures:hidden",
            {},
            "Could not find public function for 'failures:hidden'.",
        ),
        (
            "query",
            "notes:add",
            {"text": "x"},
            "Trying to execute notes.js:add as Query, but it is defined as Mutation.",
        ),
        (
            "mutation",
            "notes:list",
            {},
            "Trying to execute notes.js:list as Mutation, but it is defined as Query.",
        ),
    ],
)
def test_a_function_that_cannot_be_called(wire: Server, kind, path, args, message):
    assert failure(wire, kind, path, args) == message + "\n"


@pytest.mark.parametrize(
    ("path", "args"),
    [
        ("notes:add", {}),
        ("notes:add", {"text": 1}),
        ("notes:add", {"text": "x", "more": 1}),
        ("notes:like", {"id": "items:nonexistent"}),
        ("notes:like", {"id": ""}),
    ],
    ids=str,
)
def test_arguments_that_do_not_match(wire: Server, path: str, args: object):
    assert failure(wire, "mutation", path, args).startswith("ArgumentValidationError: ")


def test_an_id_of_another_table_does_not_match(wire: Server):
    other = wire.call("mutation", "notes:add_other", name="x")
    message = failure(wire, "mutation", "notes:like", {"id": other})
    assert message.startswith("ArgumentValidationError: ")


@pytest.mark.parametrize(
    "args",
    [
        [{}, {}],
        ["x"],
        {"value": {"$integer": "AQ=="}},
        {"value": {"$unknown": 1}},
        {"value": {"a": {"$integer": "AQAAAAAAAAA=", "x": 1}}},
        {"value": {"$float": "AAAAAAAA8D8="}},
        {"value": {"naïve": 1}},
    ],
    ids=str,
)
def test_arguments_that_are_no_convex_values(wire: Server, args: object):
    message = failure(wire, "query", "values:echo", args)
    assert message.startswith("Invalid arguments for values.js:echo: ")


def test_values_that_are_nested_too_deep(wire: Server):
    value: object = 1
    for _ in range(65):
        value = [value]
    message = failure(wire, "query", "values:echo", {"value": value})
    assert message.startswith("Invalid arguments for values.js:echo: ")


def test_a_result_that_does_not_match(wire: Server):
    message = failure(wire, "query", "failures:wrong_result", {})
    assert message.startswith("ReturnsValidationError: ")


def test_a_result_that_is_too_large(wire: Server):
    message = failure(wire, "query", "failures:large", {"size": 2**24})
    expected = (
        r"Function failures\.js:large return value is too large "
        r"\(actual: .*, limit: 16 MiB\)\n"
    )
    assert re.fullmatch(expected, message)


def test_a_failed_mutation_leaves_nothing(wire: Server):
    failure(wire, "mutation", "failures:write_and_fail", {"text": "left behind"})
    texts = [note["text"] for note in wire.call("query", "notes:list")]
    assert "left behind" not in texts


@pytest.mark.parametrize(
    "path",
    [
        "nested/deep/inner",
        "nested/deep/inner:default",
        "nested/deep/inner.js",
        "nested/deep/inner.js:default",
    ],
)
def test_a_path_without_a_function_means_the_default_export(wire: Server, path: str):
    assert post(wire, "query", path, {})["value"] == "the default export"


def test_an_argument_may_be_called_as_a_python_keyword(wire: Server):
    assert post(wire, "query", "nested/deep/inner:from_argument", {"from": 2})["value"] == 2


def test_a_query_by_get(wire: Server):
    query = {"path": "values:echo", "args": json.dumps({"value": "ü"}), "format": "json"}
    assert wire.client.get("/api/query", params=query).json()["value"] == "ü"


@pytest.mark.parametrize(
    ("url", "args", "value"),
    [
        ("/api/run/notes/shout", {"text": "a"}, "A"),
        ("/api/run/nested/deep/inner/default", {}, "the default export"),
        ("/api/run/nested/deep%2Finner/from_argument", {"from": 1}, 1.0),
        ("/api/run/values/ech%6F", {"value": "x"}, "x"),
        ("/api//run/values/echo/", {"value": "x"}, "x"),
    ],
)
def test_run_takes_the_path_from_the_url(wire: Server, url: str, args: object, value: object):
    answer = wire.client.post(url, json={"args": args}).json()
    assert answer == {"status": "success", "value": value}


@pytest.mark.parametrize("path", ["/api/query/", "//api/query", "/api//query//"])
def test_slashes_more_or_less(wire: Server, path: str):
    body = {"path": "values:echo", "args": {"value": 1}}
    url = f"{wire.url}{path}"
    assert wire.client.post(url, json=body).json()["value"] == 1


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("query", "failures:hidden", "secret"),
        ("action", "failures:hidden_action", "done"),
        ("function", "failures:hidden", "secret"),
        ("function", "failures:hidden_action", "done"),
    ],
)
def test_an_admin_calls_internal_functions(wire: Server, kind: str, path: str, value: object):
    assert post(wire, kind, path, {}, headers=ADMIN)["value"] == value


@pytest.mark.parametrize(
    "credentials",
    [
        ADMIN_KEY,
        ADMIN_KEY.partition("|")[2],
        f"prod:{ADMIN_KEY}",
        f"other-name|{ADMIN_KEY.partition('|')[2]}",
    ],
)
@pytest.mark.parametrize("scheme", ["Convex", "convex", "CONVEX"])
def test_spellings_of_the_admin_key(wire: Server, scheme: str, credentials: str):
    headers = {"Authorization": f"{scheme} {credentials}"}
    assert post(wire, "query", "failures:hidden", {}, headers=headers)["value"] == "secret"
    assert post(wire, "query", "notes:who", {}, headers=headers)["value"] is None


def test_the_admin_key_as_a_query_parameter(wire: Server):
    body = {"path": "failures:hidden", "args": {}}
    answer = wire.client.post("/api/query", params={"adminKey": ADMIN_KEY}, json=body)
    assert answer.json()["value"] == "secret"


@pytest.mark.parametrize("prefix", ["", "prod:"])
def test_an_admin_may_act_as_a_user(wire: Server, prefix: str):
    identity = {"subject": "s", "issuer": "https://i", "email": "e@x", "team": {"a": 1.0}}
    acting_as = base64.b64encode(json.dumps(identity).encode()).decode()
    headers = {"Authorization": f"Convex {prefix}{ADMIN_KEY}:{acting_as}"}
    who = post(wire, "query", "notes:who", {}, headers=headers)["value"]
    assert who == {**identity, "tokenIdentifier": "https://i|s"}
    assert post(wire, "query", "failures:hidden", {}, headers=headers)["value"] == "secret"


def test_nobody_is_signed_in(wire: Server):
    assert post(wire, "query", "notes:who", {})["value"] is None
