"""Messages, versions and times of a socket (wire-protocol 3.3 to 3.8)."""

from __future__ import annotations

import json

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.support.backends import ADMIN_KEY, Server
from tests.sync.sync_client import SyncClient, sync_client, to_ts


@pytest.mark.parametrize("path", ["/api/sync", "/api/1.48.0/sync", "//api/1.0.0-a1/sync"])
async def test_both_addresses(live: Server, room: str, path: str) -> None:
    async with sync_client(live.port, path=path) as client:
        await client.at_query_set(await client.add(0, "items:sum_of_all", room=room))
        assert client.value(0) == 0.0


async def test_a_version_that_is_none(live: Server) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with sync_client(live.port, path="/api/latest/sync"):
            pass
    assert refused.value.response.status_code == 400
    assert b'"code":"InvalidVersion"' in refused.value.response.body


async def test_nothing_is_said_before_the_client_asks(client: SyncClient, room: str) -> None:
    response = await client.call("mutation", "items:drop", room=room, key="none")
    assert client.messages[0] == response


async def test_a_subscription_sees_its_own_mutation(client: SyncClient, room: str) -> None:
    await client.at_query_set(await client.add(0, "items:of_owner", room=room, owner="ada"))
    assert client.value(0) == []
    response = await client.call("mutation", "items:put", room=room, key="k", owner="ada", rank=1.5)
    assert response["success"] is True
    assert response["result"] is None
    assert response["logLines"] == []
    await client.at_ts(to_ts(response["ts"]))
    assert client.value(0) == [{"key": "k", "rank": 1.5}]


async def test_another_client_sees_it_too(live: Server, client: SyncClient, room: str) -> None:
    async with sync_client(live.port) as other:
        await other.at_query_set(await other.add(7, "items:rank", room=room, key="k"))
        assert other.value(7) is None
        await client.call("mutation", "items:put", room=room, key="k", owner="ada", rank=2.0)
        await other.until(lambda: other.value(7) == 2.0)


async def test_every_response_is_followed_by_a_transition(client: SyncClient, room: str) -> None:
    """Also without subscriptions, when nothing was written, and after a failure."""
    calls = (
        ("items:put", {"room": room, "key": "k", "owner": "ada", "rank": 1.0}),
        ("items:drop", {"room": room, "key": "none"}),
        ("items:refuse", {"room": room, "data": "no"}),
        ("items:missing", {}),
    )
    for path, args in calls:
        response = await client.call("mutation", path, **args)
        place = client.messages.index(response)
        await client.until(
            lambda place=place: any(
                message["type"] == "Transition" for message in client.messages[place:]
            )
        )
        if response["success"]:
            await client.at_ts(to_ts(response["ts"]))


async def test_failures_have_data_only_if_they_brought_some(client: SyncClient, room: str) -> None:
    refused = await client.call("mutation", "items:refuse", room=room, data={"code": 1.0})
    assert refused["success"] is False
    assert refused["errorData"] == {"code": 1.0}
    assert "Uncaught ConvexError" in refused["result"]
    null = await client.call("mutation", "items:refuse", room=room, data=None)
    assert null["errorData"] is None
    assert "errorData" in null
    plain = await client.call("mutation", "items:put", room=room)
    assert "errorData" not in plain
    assert "ArgumentValidationError" in plain["result"]
    assert plain.get("ts") is None


async def test_a_query_that_fails_runs_again_when_its_data_changes(
    client: SyncClient, room: str
) -> None:
    await client.call("mutation", "items:put", room=room, key="k", owner="ada", rank=-1.0)
    await client.at_query_set(await client.add(0, "items:strict_sum", room=room))
    assert client.results[0]["type"] == "QueryFailed"
    assert client.results[0]["errorData"] == {"negative": "k"}
    await client.call("mutation", "items:put", room=room, key="k", owner="ada", rank=4.0)
    await client.until(lambda: client.results[0]["type"] == "QueryUpdated")
    assert client.value(0) == 4.0


@pytest.mark.parametrize(
    ("path", "args", "message"),
    [
        ("items:missing", {}, "Could not find public function for 'items:missing'."),
        ("items:sum_of_owner", {}, "Could not find public function for 'items:sum_of_owner'."),
        ("items:put", {}, "Trying to execute items.js:put as Query, but it is defined as Mutation"),
        ("items:rank", {}, "ArgumentValidationError"),
        ("../items:rank", {}, "is not a valid path to a Convex function"),
    ],
    ids=["missing", "internal", "kind", "arguments", "syntax"],
)
async def test_a_query_that_cannot_run_fails_alone(
    client: SyncClient, room: str, path: str, args: dict[str, object], message: str
) -> None:
    await client.add(0, path, **args)
    await client.at_query_set(await client.add(1, "items:sum_of_all", room=room))
    assert client.results[0]["type"] == "QueryFailed"
    assert message in client.results[0]["errorMessage"]
    assert "errorData" not in client.results[0]
    assert client.value(1) == 0.0


async def test_arguments_that_are_too_deep_fail_alone(
    live: Server, client: SyncClient, room: str
) -> None:
    """Deeper than a JSON library may write what it could read."""
    deep: list[object] = []
    for _ in range(600):
        deep = [deep]
    await client.add(0, "facts:talk", text=deep)
    await client.at_query_set(await client.add(1, "items:sum_of_all", room=room))
    assert "the value is nested deeper than 64 levels" in client.results[0]["errorMessage"]
    assert client.value(1) == 0.0
    for kind in ("mutation", "action"):
        refused = await client.call(kind, "facts:talk", text=deep)
        assert refused["success"] is False
    body = {"path": "facts:talk", "args": {"text": deep}}
    for answer in (
        live.client.post("/api/query", json=body),
        live.client.get("/api/query", params={"path": "facts:talk", "args": json.dumps([deep])}),
    ):
        assert answer.status_code == 200
        assert answer.json()["status"] == "error"


async def test_a_component_that_does_not_exist(client: SyncClient) -> None:
    added = {"type": "Add", "queryId": 0, "udfPath": "a:b", "args": [{}], "componentPath": "x"}
    await client.at_query_set(await client.modify(added))
    assert "functions of components can only be called" in client.results[0]["errorMessage"]


async def test_a_removed_query_is_confirmed_and_silent(client: SyncClient, room: str) -> None:
    await client.at_query_set(await client.add(0, "items:sum_of_all", room=room))
    await client.at_query_set(await client.remove(0))
    assert client.results == {}
    await client.call("mutation", "items:put", room=room, key="k", owner="ada", rank=1.0)
    await client.catch_up()
    assert client.results == {}


async def test_several_changes_of_the_query_set_may_become_one(
    client: SyncClient, room: str
) -> None:
    for number in range(20):
        await client.add(number, "items:rank", room=room, key=f"k{number}")
    last = await client.remove(3)
    await client.at_query_set(last)
    assert set(client.results) == set(range(20)) - {3}


async def test_log_lines_come_with_results(client: SyncClient) -> None:
    await client.at_query_set(await client.add(0, "facts:talk", text="hello"))
    assert client.results[0]["logLines"] == ["[LOG] 'hello'"]


async def test_nested_queries_count(client: SyncClient, room: str) -> None:
    await client.at_query_set(await client.add(0, "items:sum_of_all", room=room))
    for owner, expected in (("ada", 2.0), ("bob", 4.0), ("cy", 6.0)):
        await client.call("mutation", "items:put", room=room, key=owner, owner=owner, rank=2.0)
        await client.until(lambda expected=expected: client.value(0) == expected)


async def test_what_the_scheduler_and_actions_write_counts(client: SyncClient, room: str) -> None:
    await client.at_query_set(await client.add(0, "items:sum_of_all", room=room))
    await client.call("mutation", "items:put_later", room=room)
    await client.until(lambda: client.value(0) == 1.0)
    response = await client.call("action", "items:put_twice", room=room)
    assert response["success"] is True
    await client.until(lambda: client.value(0) == 3.0)


async def test_what_http_writes_counts(live: Server, client: SyncClient, room: str) -> None:
    await client.at_query_set(await client.add(0, "items:rank", room=room, key="k"))
    async with httpx.AsyncClient(base_url=live.url) as http:
        args = {"room": room, "key": "k", "owner": "ada", "rank": 5.0}
        await http.post("/api/mutation", json={"path": "items:put", "args": args})
    await client.until(lambda: client.value(0) == 5.0)


async def test_mutations_run_in_order_and_actions_at_once(client: SyncClient, room: str) -> None:
    slow = await client.request("action", "items:wait", seconds=1.0)
    first = await client.request("mutation", "items:put_slowly", room=room, seconds=0.2)
    second = await client.request("mutation", "items:drop", room=room, key="slow")
    for number in range(10):
        await client.request("action", "items:wait", number=100 + number, seconds=0.0)
    assert (await client.response(first))["success"] is True
    assert (await client.response(second))["success"] is True
    assert (await client.response(slow))["result"] == "done"
    order = list(client.responses)
    assert order.index(first) < order.index(second) < order.index(slow)
    assert all(order.index(100 + number) < order.index(slow) for number in range(10))
    await client.at_query_set(await client.add(0, "items:rank", room=room, key="slow"))
    assert client.value(0) is None


async def test_a_page_keeps_its_end(client: SyncClient, room: str) -> None:
    await client.call("mutation", "items:fill", room=room, count=3.0)
    options = {"numItems": 2.0, "cursor": None}
    await client.at_query_set(await client.add(0, "items:page", room=room, paginationOpts=options))
    assert [item["key"] for item in client.value(0)["page"]] == ["k0", "k1"]
    end, journal = client.value(0)["continueCursor"], client.results[0]["journal"]
    assert isinstance(journal, str)
    await client.call("mutation", "items:put", room=room, key="new", owner="ada", rank=0.5)
    await client.until(lambda: len(client.value(0)["page"]) == 3)
    assert client.value(0)["continueCursor"] == end

    async with sync_client_like(client) as other:
        await other.add(0, "items:page", journal=journal, room=room, paginationOpts=options)
        await other.at_query_set(
            await other.add(1, "items:page", room=room, paginationOpts=options)
        )
        assert len(other.value(0)["page"]) == 3
        assert len(other.value(1)["page"]) == 2


def sync_client_like(client: SyncClient):
    return sync_client(client.socket.remote_address[1])


async def test_admins_call_internal_functions_as_anybody(client: SyncClient) -> None:
    await client.add(0, "facts:hidden")
    await client.at_query_set(await client.add(1, "facts:who"))
    assert "Could not find public function" in client.results[0]["errorMessage"]
    assert client.value(1) is None

    await client.at_identity(await client.authenticate("Admin", value=ADMIN_KEY))
    assert client.value(0) == "secret"
    assert client.value(1) is None

    for key in ("impersonating", "acting_as"):
        acting = {key: {"issuer": "https://issuer", "subject": key}}
        await client.at_identity(await client.authenticate("Admin", value=ADMIN_KEY, **acting))
        assert client.value(0) == "secret"
        assert client.value(1) == f"https://issuer|{key}"

    await client.at_identity(await client.authenticate("None"))
    assert client.results[0]["type"] == "QueryFailed"
    assert client.value(1) is None


async def test_two_identities_at_once_are_both_confirmed(client: SyncClient) -> None:
    await client.authenticate("Admin", value=ADMIN_KEY)
    last = await client.authenticate("None")
    await client.at_identity(last)
    assert client.version["identity"] == 2


async def test_a_wrong_key_ends_the_socket(client: SyncClient) -> None:
    await client.at_identity(await client.authenticate("None"))
    await client.authenticate("Admin", value="test|wrong")
    assert await client.close_code() == 1000
    assert client.messages[-1] == {
        "type": "AuthError",
        "error": "The admin key is not the key of this deployment.",
        "baseVersion": 1,
        "authUpdateAttempted": True,
    }


async def test_a_token_without_a_provider_ends_the_socket(client: SyncClient) -> None:
    await client.authenticate("User", value="not.a.token")
    assert await client.close_code() == 1000
    assert client.messages[-1]["type"] == "AuthError"
    assert client.messages[-1]["baseVersion"] == 0


async def test_the_identity_of_a_mutation_is_that_of_its_arrival(
    client: SyncClient, room: str
) -> None:
    """The first one waits while the identity changes twice."""
    await client.authenticate("Admin", value=ADMIN_KEY)
    await client.request("mutation", "items:put_slowly", room=room, seconds=0.2)
    inside = await client.request("mutation", "items:put_now", room=room)
    await client.authenticate("None")
    outside = await client.request("mutation", "items:put_now", room=room)
    assert (await client.response(inside))["success"] is True
    refused = await client.response(outside)
    assert "Could not find public function" in refused["result"]


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("/api/1.48.0/sync", 2),
        ("/api/1.28.0/sync", 2),
        ("/api/1.27.9/sync", 0),
        ("/api/sync", 0),
    ],
)
async def test_a_large_transition_comes_in_chunks_to_those_who_know_them(
    live: Server, path: str, parts: int
) -> None:
    """The npm client does; the characters have different numbers of bytes."""
    text = 'a"é€😀' * 2**18
    async with sync_client(live.port, path=path) as client:
        added = {"type": "Add", "udfPath": "facts:talk"}
        both = ({**added, "queryId": number, "args": [{"text": text}]} for number in range(2))
        await client.at_query_set(await client.modify(*both))
        assert client.value(0) == client.value(1) == text
        kinds = [message["type"] for message in client.messages]
        assert kinds == ["TransitionChunk"] * parts + ["Transition"]
