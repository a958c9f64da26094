"""Connections that are half open, send garbage, read nothing, or come and go in thousands."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import re
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from convexity.backend import Backend
from convexity.functions.registration import mutation, query
from convexity.http import connection
from convexity.sync import query_set, requests, session
from convexity.values import v
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.backends import Server
from tests.sync.in_process import backend, served
from tests.sync.sync_client import PATIENCE, sync_client

CHURN = int(os.environ.get("CHURN_SOCKETS", "150"))
"""Sockets that come and go; the issue of leaks is settled with 10,000."""
HANDSHAKE = (
    b"GET /api/sync HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
MEBIBYTE = 2**20


class Functions:
    @query(args={"text": v.string(), "times": v.number()}, returns=v.string())
    async def repeat(ctx: Any, text: str, times: float) -> str:
        return text * int(times)

    @query(args={"owner": v.string()}, returns=v.array(v.string()))
    async def texts(ctx: Any, owner: str) -> list[str]:
        found = await ctx.db.query("notes").with_index("by_owner").eq("owner", owner).collect()
        return [note["text"] for note in found]

    @mutation(args={"text": v.string(), "owner": v.string()}, returns=v.id("notes"))
    async def add(ctx: Any, text: str, owner: str) -> str:
        return await ctx.db.insert("notes", {"text": text, "owner": owner})


@pytest.fixture
async def inside(tmp_path: Path) -> AsyncIterator[Backend]:
    async with backend(tmp_path, Functions) as started:
        yield started


def frame(opcode: int, data: bytes, *, mask: bool = True, final: bool = True) -> bytes:
    """A frame of at most 125 bytes, masked with zeros."""
    head = bytes(((0x80 if final else 0) | opcode, (0x80 if mask else 0) | len(data)))
    return head + (bytes(4) if mask else b"") + data


def text_frame(message: dict[str, Any]) -> bytes:
    data = json.dumps(message).encode()
    return bytes((0x81, 0xFE)) + len(data).to_bytes(2) + bytes(4) + data


def connect_message() -> dict[str, Any]:
    return {"type": "Connect", "sessionId": str(uuid.uuid4()), "connectionCount": 0}


def add_message(path: str, **args: Any) -> dict[str, Any]:
    added = {"type": "Add", "queryId": 0, "udfPath": path, "args": [args]}
    return {"type": "ModifyQuerySet", "baseVersion": 0, "newVersion": 1, "modifications": [added]}


class Raw:
    """A TCP connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def rest(self) -> bytes:
        """What comes until the server ends the connection."""
        received = b""
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(PATIENCE):
                while data := await self.reader.read(MEBIBYTE):
                    received += data
        return received

    async def close_code(self) -> int:
        """The code with which the server closes the socket; it waits for an answer then."""
        received = b""
        async with asyncio.timeout(PATIENCE):
            while (found := re.search(rb"\x88[\x02-\x7d](..)", received, re.DOTALL)) is None:
                data = await self.reader.read(MEBIBYTE)
                assert data, f"it ended without a code: {received!r}"
                received += data
        return int.from_bytes(found[1])


@contextlib.asynccontextmanager
async def raw(port: int, *, is_socket: bool = True) -> AsyncIterator[Raw]:
    """A connection, after the handshake of a WebSocket unless there is to be none."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        if is_socket:
            writer.write(HANDSHAKE)
            await reader.readuntil(b"\r\n\r\n")
        yield Raw(reader, writer)
    finally:
        writer.transport.abort()


async def until(condition: Any) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)


def sessions() -> list[session.Session]:
    gc.collect()
    return [one for one in gc.get_objects() if isinstance(one, session.Session)]


@pytest.mark.parametrize(
    ("garbage", "code"),
    [
        (frame(0x3, b"x"), 1002),  # an opcode that means nothing
        (frame(0x9, b"x", final=False), 1002),  # a ping in pieces
        (frame(0x1, b"x", mask=False), 1002),
        (frame(0x0, b"x"), 1002),  # the end of a message that never began
        (bytes((0xF1, 0x81)) + bytes(4) + b"x", 1002),  # reserved bits
        (frame(0x1, b"\xff\xfe"), 1007),  # no UTF-8
        (frame(0x1, b"{") + frame(0x1, b"}"), 1000),  # no JSON
        (bytes((0x81, 0xFF)) + (2**40).to_bytes(8) + bytes(4), 1009),
        (bytes((0x81, 0xFF)) + (2**63).to_bytes(8) + bytes(4), 1009),
    ],
    ids=["opcode", "ping", "mask", "continuation", "bits", "utf-8", "json", "large", "length"],
)
async def test_garbage_ends_its_socket_alone(live: Server, garbage: bytes, code: int) -> None:
    async with sync_client(live.port) as other, raw(live.port) as bad:
        await bad.send(garbage)
        assert await bad.close_code() == code
        await other.catch_up()


@given(garbage=st.lists(st.binary(min_size=1, max_size=200), min_size=1, max_size=20))
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_random_bytes_do_no_harm(live: Server, garbage: list[bytes]) -> None:
    async with contextlib.AsyncExitStack() as stack:
        for number, data in enumerate(garbage):
            bad = await stack.enter_async_context(raw(live.port, is_socket=number % 4 > 0))
            with contextlib.suppress(ConnectionError):
                await bad.send(data)
    async with sync_client(live.port) as client:
        await client.catch_up()
    assert "Traceback" not in live.log.read_text()


@pytest.mark.parametrize(
    "start",
    [b"", HANDSHAKE[:30], HANDSHAKE[:-2], b"GET /version HTTP/1.1\r\nHost: x\r\n\r\nGET /ver"],
    ids=["silence", "a line", "all but the end", "a second request"],
)
async def test_a_handshake_that_is_never_finished_is_given_up(
    inside: Backend, monkeypatch: pytest.MonkeyPatch, start: bytes
) -> None:
    monkeypatch.setattr(connection, "HEAD_TIME", 0.2)
    async with served(inside) as port, raw(port, is_socket=False) as half:
        await half.send(start)
        answered = await half.rest()
        assert answered.startswith(b"HTTP/1.1 200" if b"version" in start else b"")
        async with sync_client(port) as client:
            await client.catch_up()


@pytest.mark.parametrize("times", [1, 15], ids=["everything arrived", "much is on its way"])
async def test_a_client_that_is_gone_without_a_word_is_noticed(inside: Backend, times: int) -> None:
    """Its machine lost power: it answers no ping, and reads nothing of what waits for it."""
    silence = {"ws_ping_interval": 0.3, "ws_ping_timeout": 0.3}
    async with served(inside, **silence) as port, raw(port) as gone:
        gone.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await gone.send(text_frame(connect_message()))
        await gone.send(text_frame(add_message("m:repeat", text="x" * 60_000, times=times * 17)))
        await until(lambda: inside.queries.watched == 1)
        await until(lambda: inside.queries.watched == 0)
        await until(lambda: not sessions())


async def test_a_client_that_reads_nothing_may_not_ask_for_ever(
    inside: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it sends waits in its own connection, and is answered when it reads again."""
    monkeypatch.setattr(session, "MAX_WAITING_CHANGES", 100_000)
    held: list[int] = []
    leave_room = session.Session._leave_room

    async def watched(self: session.Session, size: int) -> None:
        held.append(self._changes_size + size)
        await leave_room(self, size)

    monkeypatch.setattr(session.Session, "_leave_room", watched)
    async with served(inside) as port, sync_client(port) as client:
        client.socket.transport.pause_reading()
        await client.add(0, "m:repeat", text="x" * MEBIBYTE, times=15.0)
        changes = 400

        async def ask() -> None:
            for number in range(1, changes):
                await client.add(number, "m:texts", owner=f"{number:050000}")

        asking = asyncio.create_task(ask())
        await until(lambda: max(held, default=0) > 100_000)
        async with sync_client(port) as other:  # Nobody else is held up.
            await other.at_query_set(await other.add(0, "m:texts", owner="ada"))
        client.socket.transport.resume_reading()
        await asking
        await client.catch_up()
        assert len(client.results) == changes
    # The message of the large query is beyond the limit by itself.
    assert max(size for size in held if size < MEBIBYTE) < 100_000 + 51_000


@pytest.mark.parametrize("kind", ["query", "action"])
async def test_what_a_socket_asks_for_is_bounded(
    inside: Backend, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(query_set, "MAX_QUERY_SIZE_PER_SOCKET", 20_000)
    monkeypatch.setattr(requests, "MAX_ACTION_SIZE_PER_SOCKET", 20_000)
    async with served(inside) as port, sync_client(port) as client:
        for number in range(5):  # One after the other may have any size together.
            await client.add(0, "m:texts", owner=f"{number:09000}")
            await client.remove(0)
            await client.call("action", "m:missing", owner=f"{number:09000}")
        for number in range(3):
            if kind == "query":
                await client.add(number, "m:texts", owner=f"{number:09000}")
            else:
                await client.request("action", "m:missing", owner=f"{number:09000}")
        if kind == "query":
            assert await client.close_code() == 1000
            assert "Query 2 is too much" in client.messages[-1]["error"]
        else:
            assert await client.close_code() == 1013


def memory() -> int:
    """Bytes that this process holds."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


async def test_nothing_is_left_of_sockets_that_are_gone(inside: Backend) -> None:
    """They leave by every way there is; ``CHURN_SOCKETS=10000`` makes it many."""
    async with served(inside, ws_ping_interval=None) as port:

        async def come_and_go(number: int) -> None:
            async with raw(port) as connection:
                await connection.send(text_frame(connect_message()))
                asked = "ada" if number % 2 else f"o{number % 500}"
                await connection.send(text_frame(add_message("m:texts", owner=asked)))
                request = {"type": "Mutation", "requestId": 0, "udfPath": "m:add"}
                args = {"text": "x", "owner": "bob"}
                await connection.send(text_frame({**request, "args": [args]}))
                match number % 5:
                    case 0:  # lost, before anything came
                        return
                    case 1:  # a proper end
                        await connection.send(frame(0x8, (1000).to_bytes(2)))
                        await connection.rest()
                    case 2:  # a violation
                        await connection.send(frame(0x1, b"{}"))
                        assert await connection.close_code() == 1000
                    case 3:  # lost in the middle of a frame
                        await connection.reader.read(MEBIBYTE)
                        await connection.send(frame(0x1, b"x" * 100)[:50])
                    case _:  # half closed
                        await connection.reader.read(MEBIBYTE)
                        connection.writer.write_eof()
                        await connection.rest()

        async def churn(count: int) -> None:
            turn = asyncio.Semaphore(20)

            async def one(number: int) -> None:
                async with turn:
                    await come_and_go(number)
                    # What was asked for goes on when the socket is gone, and piles up here.
                    await until(lambda: len(inside._at_work) < 20)

            await asyncio.gather(*map(one, range(count)))
            await until(lambda: not inside.queries.watched and not inside._at_work)
            await until(lambda: not sessions())

        await churn(CHURN // 2)
        tasks, files, held = len(asyncio.all_tasks()), len(os.listdir("/proc/self/fd")), memory()
        await churn(CHURN // 2)
        await until(lambda: len(asyncio.all_tasks()) <= tasks)
        assert len(inside.queries._watched_reads) == 0
        assert len(os.listdir("/proc/self/fd")) <= files
        assert memory() - held < 10 * MEBIBYTE + CHURN * 1024
