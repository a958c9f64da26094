"""A closed-loop HTTP load generator: N connections, each sends its next request on the answer.

It runs in its own process (``python -m benchmarks.load``) on raw sockets, because a client library
would cost more than the servers it is to measure.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import cycle
from typing import cast

import httptools
import uvloop


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What to send, to whom and for how long."""

    port: int
    requests: list[tuple[str, str, str]]
    """Method, target and JSON body (empty for none), sent round robin."""
    connections: int = 32
    seconds: float = 5.0
    warm_up_seconds: float = 1.0
    expect: str = ""
    """Text every response body must contain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Requests per second and latencies in milliseconds."""

    rate: float
    p50: float
    p99: float

    def cells(self) -> tuple[str, str, str]:
        """Format it for a table."""
        return f"{self.rate:,.0f}", f"{self.p50:.1f}", f"{self.p99:.1f}"


def measure(load: Load) -> Measured:
    """Run a load in a process of its own; raise RuntimeError when a request fails."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(asdict(load)),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    return Measured(**json.loads(done.stdout))


def medians(loads: Sequence[Load], rounds: int) -> list[Measured]:
    """Return each load's run of median rate; in every round all of them run one after another."""
    turns = [[measure(load) for load in loads] for _ in range(rounds)]
    return [
        sorted(runs, key=lambda measured: measured.rate)[rounds // 2]
        for runs in zip(*turns, strict=True)
    ]


class Connection(asyncio.Protocol):
    """One keep-alive connection in a closed loop."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.parser = httptools.HttpResponseParser(self)
        self.body = b""
        self.sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self.transport = cast(asyncio.Transport, transport)
        self.send()

    def send(self) -> None:
        """Send the next request."""
        self.body = b""
        self.sent = time.perf_counter()
        self.transport.write(next(self.run.requests))

    def data_received(self, data: bytes) -> None:
        """Feed the response parser."""
        self.parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        """Collect the response body."""
        self.body += body

    def on_message_complete(self) -> None:
        """Check and record the response, then go on."""
        status = self.parser.get_status_code()
        if status != 200 or self.run.expect not in self.body:
            self.run.fail(f"unexpected response {status}: {self.body[:300]!r}")
            return
        self.parser = httptools.HttpResponseParser(self)
        self.run.latencies.append(time.perf_counter() - self.sent)
        self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        """A closed connection fails the run."""
        self.run.fail(f"connection lost: {exc}")


class Run:
    """The state shared by the connections of a run."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.expect = load.expect.encode()
        self.latencies: list[float] = []
        self.failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.requests = cycle([encode(*request) for request in load.requests])

    def fail(self, reason: str) -> None:
        """End the run with an error."""
        if not self.failure.done():
            self.failure.set_exception(RuntimeError(reason))

    async def measure(self) -> Measured:
        """Open the connections, warm up, measure."""
        loop = asyncio.get_running_loop()
        for _ in range(self.load.connections):
            await loop.create_connection(lambda: Connection(self), "127.0.0.1", self.load.port)
        await self.wait(self.load.warm_up_seconds)
        self.latencies.clear()
        start = time.perf_counter()
        await self.wait(self.load.seconds)
        elapsed = time.perf_counter() - start
        latencies = sorted(self.latencies)
        if not latencies:
            raise RuntimeError("no request was answered in time")
        return Measured(
            rate=len(latencies) / elapsed,
            p50=latencies[len(latencies) // 2] * 1000,
            p99=latencies[len(latencies) * 99 // 100] * 1000,
        )

    async def wait(self, seconds: float) -> None:
        """Let the connections work; raise as soon as one fails."""
        await asyncio.wait([self.failure], timeout=seconds)
        if self.failure.done():
            self.failure.result()


def encode(method: str, target: str, body: str) -> bytes:
    """Encode a request with a JSON body."""
    payload = body.encode()
    head = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    if payload:
        head += f"Content-Type: application/json\r\nContent-Length: {len(payload)}\r\n"
    return head.encode() + b"\r\n" + payload


async def main() -> None:
    """Read a load from standard input, print what was measured."""
    fields = json.load(sys.stdin)
    fields["requests"] = [tuple(request) for request in fields["requests"]]
    print(json.dumps(asdict(await Run(Load(**fields)).measure())))


if __name__ == "__main__":
    uvloop.run(main())
