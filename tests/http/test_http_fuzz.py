"""Whatever is sent, the answer is one of the documented ones, and the server goes on."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.backends import ADMIN_KEY, Server

ENDPOINTS = [
    "/api/query",
    "/api/mutation",
    "/api/action",
    "/api/function",
    "/api/query_ts",
    "/api/query_at_ts",
    "/api/query_batch",
    "/api/run/values/echo",
    "/api/debug_event",
    "/echo",
]
DOCUMENTED = {200, 400, 401, 403, 404, 405, 503}
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(["values:echo", "notes:add", "AAAAAAAAAAA=", "json", "export_json"]),
)
KEYS = st.one_of(
    st.sampled_from(
        ["path", "args", "format", "ts", "queries", "value", "text", "$integer", "$bytes", "$float"]
    ),
    st.text(max_size=4),
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=10,
)
REQUESTS = st.fixed_dictionaries(
    {},
    optional={
        "path": st.one_of(st.sampled_from(["values:echo", "notes:add", "notes:get"]), TREES),
        "args": st.one_of(st.dictionaries(KEYS, TREES, max_size=2), TREES),
        "format": TREES,
        "ts": TREES,
        "queries": TREES,
        "componentPath": TREES,
    },
)
BODIES = st.one_of(
    REQUESTS.map(lambda body: json.dumps(body).encode()),
    TREES.map(lambda tree: json.dumps(tree).encode()),
    st.binary(max_size=40),
)
VISIBLE = st.text(
    alphabet=st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"),
    max_size=20,
)
"""What a header may hold at all; the HTTP parser refuses the rest."""
HEADERS = st.fixed_dictionaries(
    {"Content-Type": st.one_of(st.just("application/json"), VISIBLE)},
    optional={
        "Convex-Client": st.one_of(st.just("npm-1.48.0"), VISIBLE),
        "Authorization": st.one_of(
            st.just(f"Convex {ADMIN_KEY}"), VISIBLE.map("Convex ".__add__), VISIBLE
        ),
        "Origin": VISIBLE,
    },
)


@settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(endpoint=st.sampled_from(ENDPOINTS), body=BODIES, headers=HEADERS)
def test_every_request_has_a_documented_answer(
    wire: Server, endpoint: str, body: bytes, headers: dict[str, str]
) -> None:
    raw: Any = {name: value.strip().encode("latin-1") for name, value in headers.items()}
    response = wire.client.post(endpoint, content=body, headers=raw)
    assert response.status_code in DOCUMENTED, response.text
    if response.status_code != 200:
        assert set(response.json()) == {"code", "message"}


def test_no_request_left_a_traceback(wire: Server) -> None:
    assert wire.call("query", "values:echo", value=1) == 1
    assert "Traceback" not in wire.log.read_text()
