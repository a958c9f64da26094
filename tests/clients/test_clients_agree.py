"""Every kind of value goes through the backend unchanged, for both clients (wire-protocol 1)."""

from __future__ import annotations

import base64
import json
import math
import struct
from typing import Any

from convex import ConvexInt64
from convex.values import convex_to_json
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.clients.official_clients import NpmClient, PythonClient
from tests.support.backends import Server

FIELD_NAMES = st.text(
    alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=12
).filter(lambda name: not name.startswith("$") and name != "__proto__")
"""The npm client sets fields of a plain object, in which ``__proto__`` is none."""
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.sampled_from([0.0, -0.0, 1.0, 2.0**53, 5e-324, math.inf, -math.inf, math.nan]),
    st.integers(-(2**63), 2**63 - 1).map(ConvexInt64),
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20),
    st.binary(max_size=20),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(FIELD_NAMES, inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(values=st.lists(VALUES, min_size=30, max_size=30))
def test_both_clients_get_back_what_they_sent(
    wire: Server, npm: NpmClient, values: list[Any]
) -> None:
    python = PythonClient(wire.url)
    echoed = python.call("query", "values:echo", {"value": values})
    assert list(map(canonical, echoed)) == list(map(canonical, values))
    sent = convex_to_json({"value": values})
    answer = npm.call_encoded("query", "values:echo", sent)
    assert canonical_json(answer["value"]) == canonical_json(sent["value"])


def canonical(value: Any) -> Any:
    """A form that compares values by kind and bits: NaN equals NaN, -0.0 is not 0.0."""
    if isinstance(value, float):
        return ("number", struct.pack("<d", math.nan if math.isnan(value) else value))
    if isinstance(value, ConvexInt64):
        return ("int64", value.value)
    if isinstance(value, list):
        return [canonical(item) for item in value]
    if isinstance(value, dict):
        return {name: canonical(item) for name, item in value.items()}
    return (type(value).__name__, value)


def canonical_json(tree: Any) -> Any:
    """A JSON tree whose numbers are floats and whose special floats are one NaN."""
    if isinstance(tree, dict) and "$float" in tree:
        number = struct.unpack("<d", base64.b64decode(tree["$float"]))[0]
        return canonical(number)
    if isinstance(tree, list):
        return [canonical_json(item) for item in tree]
    if isinstance(tree, dict):
        return {name: canonical_json(item) for name, item in tree.items()}
    if isinstance(tree, int | float) and not isinstance(tree, bool):
        return canonical(float(json.dumps(tree)))
    return tree
