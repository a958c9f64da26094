"""kill -9 amid mutations that write in several components: all of it is there, or nothing."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from pathlib import Path

from tests.components.projects import built_components
from tests.support.backends import Server, serve

ROUNDS = 3
MUTATIONS = 80
SETTLE_TIMEOUT = 120.0


async def call(port: int, path: str, **args: str) -> bool:
    """Send one mutation over a connection of its own; tell whether it was acknowledged."""
    body = json.dumps({"path": path, "args": args}).encode()
    head = (
        "POST /api/mutation HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head.encode() + body)
        answer = await reader.read()
        writer.close()
    except OSError:
        return False
    return b'{"status":"success"' in answer


async def until_killed(server: Server, round_number: int, kill_after: int) -> set[str]:
    """Send the mutations of a round at once, kill the server amid them; those acknowledged."""
    acknowledged: set[str] = set()

    async def one(key: str) -> None:
        if await call(server.port, "letters:record", key=key):
            acknowledged.add(key)
            if len(acknowledged) == kill_after:
                server.kill()

    await asyncio.gather(*(one(f"{round_number}-{number}") for number in range(MUTATIONS)))
    return acknowledged


def wait_until_delivered(server: Server) -> None:
    """Wait until the component has nothing left to deliver."""
    deadline = time.monotonic() + SETTLE_TIMEOUT
    while server.component("mailbox", "letters:waiting"):
        assert time.monotonic() < deadline, "letters were not delivered"
        time.sleep(0.1)


async def test_nothing_is_torn_between_components(tmp_path: Path) -> None:
    dist = built_components(tmp_path / "project")
    chance = random.Random(5)
    acknowledged: set[str] = set()
    for round_number in range(ROUNDS):
        with serve(dist) as server:
            kill_after = chance.randrange(1, MUTATIONS)
            acknowledged |= await until_killed(server, round_number, kill_after)
    with serve(dist) as server:
        wait_until_delivered(server)
        posts = Counter(server.call("query", "letters:recorded"))
        likes = Counter(row["name"] for row in server.component("likes", "lib:everything"))
        delivered = Counter(server.call("query", "letters:received"))
    assert acknowledged <= posts.keys(), "an acknowledged write is lost"
    assert posts == likes, "the component has more or less than the application"
    assert posts == delivered, "a letter was not delivered exactly once"
    assert set(posts.values()) <= {1}, "a mutation ran twice"
