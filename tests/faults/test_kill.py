"""kill -9 amid many mutations: what was acknowledged stays, nothing is torn or doubled."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from pathlib import Path

import httpx

from tests.support.backends import FIXTURES, Server, build_project, serve

ROUNDS = 20
MUTATIONS = 500
CONNECTIONS = 100
SETTLE_TIMEOUT = 120.0


async def record_until_killed(server: Server, round_number: int, kill_after: int) -> set[str]:
    """Send the mutations of a round at once, kill the server amid them, return the acknowledged."""
    acknowledged: set[str] = set()
    limits = httpx.Limits(max_connections=CONNECTIONS)
    async with httpx.AsyncClient(base_url=server.url, limits=limits, timeout=60) as client:

        async def record(key: str) -> None:
            body = {"path": "ledger:record", "args": {"key": key}}
            try:
                answer = await client.post("/api/mutation", json=body)
            except httpx.TransportError:
                return
            assert answer.json() == {"status": "success", "value": None}
            acknowledged.add(key)
            if len(acknowledged) == kill_after:
                server.kill()

        await asyncio.gather(*(record(f"{round_number}-{n}") for n in range(MUTATIONS)))
    return acknowledged


def wait_until_settled(server: Server) -> None:
    """Wait until no scheduled function is left to run."""
    deadline = time.monotonic() + SETTLE_TIMEOUT
    while server.call("query", "ledger:unfinished"):
        assert time.monotonic() < deadline, "scheduled functions did not finish"
        time.sleep(0.1)


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
