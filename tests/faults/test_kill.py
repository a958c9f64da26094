"""kill -9 amid many mutations: what was acknowledged stays, nothing is torn or doubled."""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from collections import Counter
from pathlib import Path

from tests.support.backends import FIXTURES, Server, build_project, serve

ROUNDS = int(os.environ.get("KILL_ROUNDS", "8"))
MUTATIONS = 200
STUCK_SECONDS = 120.0
"""How long nothing may end before the scheduled functions count as stuck."""


async def record(port: int, key: str) -> bool:
    """Send one mutation over a connection of its own; tell whether it was acknowledged.

    Raw streams, because a client library's connection pool would serialise what must be at once.
    """
    body = json.dumps({"path": "ledger:record", "args": {"key": key}}).encode()
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
    return answer.endswith(b'{"status":"success","value":null}')


async def record_until_killed(server: Server, round_number: int, kill_after: int) -> set[str]:
    """Send the mutations of a round at once, kill the server amid them, return the acknowledged."""
    acknowledged: set[str] = set()

    async def one(key: str) -> None:
        if await record(server.port, key):
            acknowledged.add(key)
            if len(acknowledged) == kill_after:
                server.kill()

    await asyncio.gather(*(one(f"{round_number}-{number}") for number in range(MUTATIONS)))
    assert len(acknowledged) >= kill_after
    return acknowledged


def wait_until_settled(server: Server) -> None:
    """Wait until no scheduled function is left to run, as long as some end now and then."""
    fewest, since = float("inf"), time.monotonic()
    while left := server.call("query", "ledger:unfinished"):
        if left < fewest:
            fewest, since = left, time.monotonic()
        assert time.monotonic() < since + STUCK_SECONDS, f"{left} scheduled functions are stuck"
        time.sleep(0.5)


async def test_acknowledged_writes_survive_and_nothing_is_torn(tmp_path: Path) -> None:
    dist = build_project(FIXTURES / "ledger", tmp_path / "ledger")
    chance = random.Random(20)
    acknowledged: set[str] = set()
    for round_number in range(ROUNDS):
        with serve(dist) as server:
            acknowledged |= await record_until_killed(
                server, round_number, kill_after=chance.randrange(1, MUTATIONS)
            )
    with serve(dist) as server:
        wait_until_settled(server)
        keys = {table: Counter(rows) for table, rows in server.call("query", "ledger:keys").items()}

    assert acknowledged <= set(keys["debits"]), "an acknowledged write is lost"
    assert keys["debits"] == keys["credits"], "half a transaction is there"
    assert set(keys["debits"].values()) == {1}, "a mutation ran twice"
    assert keys["settlements"] == keys["debits"], "a scheduled mutation did not run exactly once"
    assert set(keys["notices"].values()) <= {1}, "a scheduled action ran twice"
    assert set(keys["notices"]) <= set(keys["debits"])
