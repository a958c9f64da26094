"""Broken messages, lost connections and restarts: what happens then (wire-protocol 3.9)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import uuid
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.support.backends import Server, serve
from tests.sync.sync_client import SyncClient, from_ts, sync_client, to_ts

ADD = {"type": "Add", "queryId": 0, "udfPath": "items:rank", "args": [{}]}


def modify(*modifications: Any, base: int = 0, new: int = 1) -> dict[str, Any]:
    return {
        "type": "ModifyQuerySet",
        "baseVersion": base,
        "newVersion": new,
        "modifications": list(modifications),
    }


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "Received Invalid JSON on websocket"),
        ("{", "Received Invalid JSON on websocket"),
        ("[]", "a message must be a JSON object"),
        ('"\\ud800"', "Received Invalid JSON on websocket"),
        ({"type": "Hello"}, "there is no message of type 'Hello'"),
        ({"type": 1}, "`type` is missing or no string"),
        ({"type": "Mutation", "requestId": -1}, "`requestId` is missing or no integer"),
        ({"type": "Mutation", "requestId": 1.5}, "`requestId` is missing or no integer"),
        ({"type": "Mutation", "requestId": 2**32}, "`requestId` is missing or no integer"),
        ({"type": "Action", "requestId": True}, "`requestId` is missing or no integer"),
        ({"type": "Action", "requestId": 0, "udfPath": "a:b", "args": {}}, "`args` is missing"),
        ({"type": "Authenticate", "baseVersion": 0, "tokenType": "X"}, "there is no `tokenType`"),
        ({"type": "Authenticate", "baseVersion": 0, "tokenType": "User"}, "`value` is missing"),
        ({"type": "Authenticate", "baseVersion": 1, "tokenType": "None"}, "BaseVersionMismatch"),
        ({"type": "Connect", "sessionId": "x", "connectionCount": 0}, "`sessionId`"),
        (modify({"type": "Change"}), "there is no modification of type 'Change'"),
        (modify({**ADD, "queryId": None}), "`queryId` is missing"),
        (modify(base=1, new=2), "BaseVersionMismatch"),
        (modify(base=0, new=0), "BaseVersionMismatch"),
        (modify(ADD, ADD), "Query 0 is subscribed to already"),
        (modify({"type": "Remove", "queryId": 5}), "Query 5 is not subscribed to"),
    ],
    ids=range(21),
)
async def test_a_violation_is_named_and_ends_the_socket(
    client: SyncClient, text: str | dict[str, Any], complaint: str
) -> None:
    await client.socket.send(text if isinstance(text, str) else json.dumps(text))
    assert await client.close_code() == 1000
    assert client.messages[-1]["type"] == "FatalError"
    assert complaint in client.messages[-1]["error"]


async def test_a_second_greeting(client: SyncClient) -> None:
    await client.hello()
    assert await client.close_code() == 1000
    assert client.messages[-1] == {"type": "FatalError", "error": "Connect was sent already"}


async def test_something_before_the_greeting(live: Server) -> None:
    async with sync_client(live.port, greet=False) as client:
        await client.modify()
        assert await client.close_code() == 1000
        assert client.messages == [
            {"type": "FatalError", "error": "The first message must be Connect"}
        ]


async def test_a_binary_frame(client: SyncClient) -> None:
    await client.socket.send(b"\x00\xff")
    assert await client.close_code() == 1000
    assert "not a binary one" in client.messages[-1]["error"]


async def test_a_message_that_is_too_large(client: SyncClient) -> None:
    with contextlib.suppress(ConnectionClosed):  # while it is being sent
        await client.request("mutation", "items:refuse", room="x", data="x" * (2**24 + 4000))
    assert await client.close_code() == 1009


async def test_large_messages(client: SyncClient, room: str) -> None:
    text = "x" * (2**24 - 1000)
    await client.at_query_set(await client.add(0, "facts:talk", text=text[: 2**20]))
    assert client.value(0) == text[: 2**20]
    response = await client.call("mutation", "items:refuse", room=room, data=text)
    assert response["errorData"] == text


async def test_a_socket_that_says_nothing_is_left_alone(live: Server) -> None:
    """A client may fetch a token for as long as it likes before it speaks."""
    async with sync_client(live.port, greet=False) as client:
        async with sync_client(live.port) as other:
            await other.catch_up()
        await client.hello()
        await client.catch_up()


async def test_one_clients_violation_does_not_concern_others(
    live: Server, client: SyncClient, room: str
) -> None:
    await client.at_query_set(await client.add(0, "items:rank", room=room, key="k"))
    async with sync_client(live.port) as bad:
        await bad.add(0, "items:rank", room=room, key="k")
        await bad.socket.send("nonsense")
        await bad.close_code()
    await client.call("mutation", "items:put", room=room, key="k", owner="ada", rank=1.0)
    await client.until(lambda: client.value(0) == 1.0)


async def test_a_client_that_reads_nothing_holds_up_nobody(
    live: Server, client: SyncClient, room: str
) -> None:
    """It gets the newest state at the end, not every state in between."""
    writes = 40
    text = "x" * 2**17
    query = {"type": "Add", "queryId": 0, "udfPath": "items:of_owner"}
    query["args"] = [{"room": room, "owner": "ada"}]
    async with connect(
        f"ws://127.0.0.1:{live.port}/api/sync", max_queue=1, max_size=None, ping_interval=None
    ) as lazy:
        lazy.transport.pause_reading()
        greeting = {"type": "Connect", "sessionId": str(uuid.uuid4()), "connectionCount": 0}
        await lazy.send(json.dumps(greeting))
        await lazy.send(json.dumps(modify(query)))
        await client.at_query_set(await client.add(0, "items:of_owner", room=room, owner="ada"))
        for number in range(writes):
            args = {"room": room, "key": f"{number}{text}", "owner": "ada", "rank": float(number)}
            response = await client.call("mutation", "items:put", **args)
        await client.at_ts(to_ts(response["ts"]))
        assert len(client.value(0)) == writes
        lazy.transport.resume_reading()
        received, shown = 0, 0
        async with asyncio.timeout(60):
            while shown < writes:
                message = json.loads(await lazy.recv())
                received += 1
                for change in message["modifications"]:
                    shown = len(change["value"])
        assert received < writes


async def test_a_repeated_mutation_is_answered_and_not_run(live: Server, room: str) -> None:
    session = str(uuid.uuid4())
    async with sync_client(live.port, session=session) as client:
        first = await client.request("mutation", "items:fill", 3, room=room, count=2.0)
        answer = await client.response(first)
        failed = await client.request("mutation", "items:refuse", 4, room=room, data="no")
        assert (await client.response(failed))["success"] is False
    async with sync_client(live.port, session=session) as client:
        again = await client.request("mutation", "items:fill", 3, room=room, count=2.0)
        assert await client.response(again) == answer
        failed = await client.request("mutation", "items:refuse", 4, room=room, data="other")
        assert (await client.response(failed))["errorData"] == "other"
        await client.at_query_set(await client.add(0, "items:of_owner", room=room, owner="ada"))
        assert len(client.value(0)) == 2
    async with sync_client(live.port) as other:
        await other.response(await other.request("mutation", "items:fill", 3, room=room, count=1.0))
        await other.at_query_set(await other.add(0, "items:of_owner", room=room, owner="ada"))
        assert len(other.value(0)) == 3


async def test_a_mutation_goes_on_when_its_socket_is_lost(live: Server, room: str) -> None:
    session = str(uuid.uuid4())
    async with sync_client(live.port, session=session) as client:
        await client.request("mutation", "items:put_slowly", 0, room=room, seconds=0.3)
        await client.catch_up()
        client.socket.transport.abort()
    async with sync_client(live.port, session=session) as client:
        again = await client.request("mutation", "items:put_slowly", 0, room=room, seconds=0.3)
        assert (await client.response(again))["success"] is True
        await client.at_query_set(await client.add(0, "items:sum_of_all", room=room))
        assert client.value(0) == 1.0


@pytest.mark.parametrize("is_killed", [True, False], ids=["killed", "stopped"])
async def test_a_restart_amid_mutations_runs_none_twice(
    live_dist: Path, tmp_path: Path, room: str, is_killed: bool
) -> None:
    """The client sends what it got no answer for again, as the npm client does."""
    session, count = str(uuid.uuid4()), 30
    variables = {"DATABASE_URL": f"sqlite:///{tmp_path / 'app.db'}"}
    with serve(live_dist, **variables) as server:
        async with sync_client(server.port, session=session) as client:
            for _ in range(count):
                await client.request("mutation", "items:fill", room=room, count=1.0)
            await client.response(count // 3)
            if is_killed:
                server.kill()
            else:
                server.process.terminate()
            assert await client.close_code() == (None if is_killed else 1012)
            server.process.wait()
        observed, answered = client.observed, dict(client.responses)
    with serve(live_dist, **variables) as server:
        async with sync_client(server.port, session=session, greet=False) as client:
            await client.hello(observed=observed, count=1)
            for number in range(count):
                again = await client.request("mutation", "items:fill", number, room=room, count=1.0)
                response = await client.response(again)
                if number in answered:
                    assert response == answered[number]
            await client.at_query_set(await client.add(0, "items:of_owner", room=room, owner="ada"))
            assert len(client.value(0)) == count
            assert client.ts >= observed


async def test_a_time_from_another_database_is_passed_over(live: Server, room: str) -> None:
    async with sync_client(live.port, greet=False) as client:
        await client.hello(observed=2**62, count=5)
        await client.at_query_set(await client.add(0, "items:sum_of_all", room=room))
        assert client.value(0) == 0.0
        assert client.ts < 2**62


def test_times_are_small_numbers_of_bytes() -> None:
    """The vectors of wire-protocol 3.2."""
    for ts, text in (
        (0, "AAAAAAAAAAA="),
        (1, "AQAAAAAAAAA="),
        (1726500000000000000, "AEC2RJrC9Rc="),
    ):
        assert (from_ts(ts), to_ts(text)) == (text, ts)


async def test_a_half_open_handshake_costs_nothing(live: Server, client: SyncClient) -> None:
    """Connections that never finish their handshake, or vanish right after it."""
    head = b"GET /api/sync HTTP/1.1\r\n"
    for sent in (b"", head, head + b"Upgrade: x\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", live.port)) as half:
            half.sendall(sent)
    await client.catch_up()
