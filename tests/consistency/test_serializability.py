"""32 clients of 3 processes on one database, while processes are killed: no anomaly, no loss.

PostgreSQL crashes too, once in between.

Set ``CONSISTENCY_TRANSACTIONS`` and ``CONSISTENCY_KILLS`` for a longer run.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.consistency.databases import DATABASES, Database
from tests.consistency.history import Transaction, anomalies
from tests.support.backends import FIXTURES, Server, build_project, free_port, serve

PROCESSES = 3
CLIENTS = 32
TRANSACTIONS = int(os.environ.get("CONSISTENCY_TRANSACTIONS", "600"))
KILLS = int(os.environ.get("CONSISTENCY_KILLS", "3"))
LISTS = [f"list{number}" for number in range(8)]
OWNERS = [f"owner{number}" for number in range(6)]
BALANCE = 100.0
PATIENCE = 120.0


class Cluster:
    """Processes that share a database, any of which may be killed and started again."""

    def __init__(self, dist: Path, database: Database, stack: ExitStack) -> None:
        self._dist = dist
        self.database = database
        self._stack = stack
        self.servers = [self._start(free_port()) for _ in range(PROCESSES)]
        """Those that are not dead just now."""

    def _start(self, port: int) -> Server:
        return self._stack.enter_context(
            serve(self._dist, port=port, DATABASE_URL=self.database.url)
        )

    async def kill_and_restart(self, place: int) -> None:
        """Kill a process as a crash does; return when another one answers in its place."""
        server = self.servers.pop(place)
        server.kill()
        self.servers.append(await asyncio.to_thread(self._start, server.port))


class Clients:
    """Clients that send random transactions and write down what they learn."""

    def __init__(self, cluster: Cluster, chance: random.Random) -> None:
        self.history: list[Transaction] = []
        self.sums: set[float] = set()
        self.lowest = BALANCE
        self._cluster = cluster
        self._chance = chance
        self._values = itertools.count(1)
        self._killing = asyncio.Lock()
        self._kills = 0

    async def run(self) -> None:
        """Send all transactions and kill processes now and then."""
        limits = httpx.Limits(max_connections=CLIENTS, max_keepalive_connections=CLIENTS)
        async with (
            httpx.AsyncClient(limits=limits, timeout=PATIENCE) as http,
            asyncio.TaskGroup() as tasks,
        ):
            for _ in range(CLIENTS):
                tasks.create_task(self._client(http))

    async def _client(self, http: httpx.AsyncClient) -> None:
        while len(self.history) < TRANSACTIONS:
            kind = self._chance.random()
            if kind < 0.5:
                await self._transact(http)
            elif kind < 0.7:
                await self._read(http)
            elif kind < 0.9:
                await self._transfer(http)
            else:
                await self._balances(http)
            await self._kill_when_due()

    async def _kill_when_due(self) -> None:
        due = (self._kills + 1) * TRANSACTIONS // (KILLS + 1)
        if self._kills < KILLS and len(self.history) >= due and not self._killing.locked():
            async with self._killing:
                self._kills += 1
                crash = self._cluster.database.crash
                if crash is not None and self._kills == (KILLS + 1) // 2:
                    await asyncio.to_thread(crash)
                else:
                    await self._cluster.kill_and_restart(self._chance.randrange(PROCESSES))

    async def _post(self, http: httpx.AsyncClient, kind: str, path: str, **args: object) -> Any:
        """The answer of any of the processes, or ``None`` if none came."""
        server = self._chance.choice(self._cluster.servers)
        body = {"path": path, "args": args}
        try:
            response = await http.post(f"{server.url}/api/{kind}", json=body)
        except httpx.TransportError:
            return None
        if response.status_code == 503:
            # Nobody can say what became of it. Wait until the database is back.
            async with self._killing:
                return None
        return response.json()

    async def _transact(self, http: httpx.AsyncClient) -> None:
        operations: list[dict[str, Any]] = []
        for _ in range(self._chance.randrange(1, 4)):
            operations.append({"list": self._chance.choice(LISTS)})
            if self._chance.random() < 0.5:
                operations[-1]["value"] = float(next(self._values))
        transaction = Transaction(time.monotonic())
        transaction.appends = [(o["list"], o["value"]) for o in operations if "value" in o]
        self.history.append(transaction)
        answer = await self._post(http, "mutation", "lists:transact", operations=operations)
        self._learn(transaction, [o["list"] for o in operations], answer)

    async def _read(self, http: httpx.AsyncClient) -> None:
        lists = sorted(self._chance.sample(LISTS, 3))
        transaction = Transaction(time.monotonic())
        self.history.append(transaction)
        answer = await self._post(http, "query", "lists:read", lists=lists)
        self._learn(transaction, lists, answer)

    def _learn(self, transaction: Transaction, lists: list[str], answer: Any) -> None:
        if answer is None:
            return
        transaction.answered = time.monotonic()
        assert answer["status"] == "success", answer
        transaction.reads = [
            (name, tuple(values)) for name, values in zip(lists, answer["value"], strict=True)
        ]

    async def _transfer(self, http: httpx.AsyncClient) -> None:
        source, target = self._chance.sample(OWNERS, 2)
        amount = float(self._chance.randrange(1, 60))
        answer = await self._post(
            http, "mutation", "bank:transfer", source=source, target=target, amount=amount
        )
        assert answer is None or answer["status"] == "success" or answer["errorData"] == "Overdrawn"

    async def _balances(self, http: httpx.AsyncClient) -> None:
        if answer := await self._post(http, "query", "bank:balances"):
            self.sums.add(sum(answer["value"]))
            self.lowest = min(self.lowest, *answer["value"])


async def wait_until_settled(server: Server) -> None:
    deadline = time.monotonic() + PATIENCE
    while left := await asyncio.to_thread(server.call, "query", "lists:unfinished"):
        assert time.monotonic() < deadline, f"{left} scheduled functions are stuck"
        await asyncio.sleep(0.2)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_project(FIXTURES / "registers", tmp_path_factory.mktemp("registers") / "registers")


@pytest.mark.parametrize("engine", DATABASES)
async def test_histories_are_strictly_serializable_over_crashes(dist: Path, engine: str) -> None:
    with DATABASES[engine]() as database, ExitStack() as stack:
        cluster = Cluster(dist, database, stack)
        server = cluster.servers[0]
        server.call("mutation", "bank:open_accounts", owners=OWNERS, balance=BALANCE)
        clients = Clients(cluster, random.Random(6))
        await clients.run()
        server = cluster.servers[0]
        await wait_until_settled(server)
        values = server.call("query", "lists:read", lists=LISTS)
        final = dict(zip(LISTS, values, strict=True))
        settled = Counter(server.call("query", "lists:settled"))

    assert not anomalies(clients.history, final)
    assert clients.sums == {BALANCE * len(OWNERS)}
    assert clients.lowest >= 0
    assert settled == Counter(itertools.chain(*final.values())), "not exactly once"
    unknown = sum(transaction.answered is None for transaction in clients.history)
    assert 0 < unknown <= KILLS * CLIENTS * 2
