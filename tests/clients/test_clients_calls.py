"""Both official HTTP clients against one backend: values, failures, admin rights."""

from __future__ import annotations

import pytest
from convex import ConvexInt64

from tests.clients.official_clients import (
    CallFailedError,
    CallRefusedError,
    Client,
    NpmClient,
    PythonClient,
)
from tests.support.backends import ADMIN_KEY, Server


def test_reads_and_writes(client: Client):
    note = client.call("mutation", "notes:add", {"text": "hello"})
    assert client.call("mutation", "notes:like", {"id": note}) == 1.0
    found = client.call("query", "notes:get", {"id": note})
    assert found["_id"] == note
    assert found["text"] == "hello"
    assert found["likes"] == 1.0
    assert found in client.call("query", "notes:list", {})
    assert client.call("action", "notes:shout", {"text": "hello"}) == "HELLO"


def test_a_default_export(client: Client):
    assert client.call("query", "nested/deep/inner", {}) == "the default export"


def test_an_argument_called_as_a_python_keyword(client: Client):
    assert client.call("query", "nested/deep/inner:from_argument", {"from": 2.5}) == 2.5


@pytest.mark.parametrize("data", ["text", {"code": 1.0}, [None], True, ConvexInt64(7)], ids=repr)
def test_a_convex_error_brings_its_data(client: Client, data: object):
    with pytest.raises(CallRefusedError) as caught:
        client.call("query", "failures:refuse", {"data": data})
    expected = {"$integer": "BwAAAAAAAAA="} if isinstance(data, ConvexInt64) else data
    # The Python client leaves error data encoded, the npm client decodes it.
    assert caught.value.data in (data, expected)


def test_a_convex_error_without_data_is_still_one(client: Client):
    with pytest.raises(CallRefusedError) as caught:
        client.call("query", "failures:refuse", {"data": None})
    assert caught.value.data is None


def test_another_failure_brings_its_message(client: Client):
    with pytest.raises(CallFailedError, match="Uncaught ValueError: boom"):
        client.call("query", "failures:boom", {})


def test_wrong_arguments(client: Client):
    for args in ({}, {"text": 1.0}, {"text": "x", "more": "y"}):
        with pytest.raises(CallFailedError, match="ArgumentValidationError"):
            client.call("mutation", "notes:add", args)


def test_internal_functions_are_for_admins(client: Client):
    with pytest.raises(
        CallFailedError, match="Could not find public function for 'failures:hidden'"
    ):
        client.call("query", "failures:hidden", {})
    client.act_as_admin(ADMIN_KEY)
    assert client.call("query", "failures:hidden", {}) == "secret"


def test_a_wrong_admin_key_is_refused(wire: Server):
    client = PythonClient(wire.url)
    client.act_as_admin("wrong")
    with pytest.raises(Exception, match="403 BadDeployKey: "):
        client.call("query", "values:echo", {"value": None})


def test_an_address_with_a_trailing_slash(wire: Server):
    client = PythonClient(wire.url + "/")
    assert client.call("query", "values:echo", {"value": 1.0}) == 1.0


def test_consistent_queries_of_the_npm_client(npm: NpmClient):
    note = npm.call("mutation", "notes:add", {"text": "consistent"})
    notes = npm.call("consistentQuery", "notes:list", {})
    assert note in [found["_id"] for found in notes]


def test_a_token_that_is_none(wire: Server):
    client = PythonClient(wire.url)
    client.sign_in("a.b.c")
    with pytest.raises(Exception, match="401 InvalidAuthHeader: "):
        client.call("query", "values:echo", {"value": None})
