"""WebSocket clients that wait for messages, and writes after which each must get one.

They run in a process of their own (``python -m benchmarks.subscribers``), which parses frames but
not the JSON within, because a client library would cost more than the servers it is to measure.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import IO, Final, cast

import uvloop
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.uri import parse_uri

from benchmarks.load import encode

PATIENCE: Final = 120.0
"""Seconds that a message may take."""
_OPENING: Final = 50
"""Sockets that are being opened at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A request, and the numbers of the subscribers that it concerns."""

    request: tuple[str, str, str]
    """Method, target and JSON body."""
    concerns: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who subscribes to what on one server, and what is written then."""

    port: int
    sockets: list[tuple[str, list[str]]]
    """For each subscriber the target of its socket, and what it sends at first."""
    expect: str
    """Text in each message that tells of data, at first and after a write."""
    writes: list[Write]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Milliseconds from sending a write until it was heard of."""

    p50: float
    p99: float
    last: float
    """Until the last subscriber knew; the median of the writes."""


class Subscribers:
    """The process in which they are, all subscribed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._input = cast(IO[str], process.stdin)
        self._output = cast(IO[str], process.stdout)

    def write(self) -> Delivery:
        """Send the writes, each after everybody has heard of the one before."""
        return Delivery(**json.loads(self.step("write")))

    def close(self) -> None:
        """Close all sockets."""
        self.step("close")

    def step(self, line: str) -> str:
        """Send a line, and return what the process answers; raise RuntimeError if it fails."""
        with contextlib.suppress(BrokenPipeError):
            self._input.write(f"{line}\n")
            self._input.flush()
        said = self._output.readline()
        if not said:
            raise RuntimeError(self._process.communicate()[1].strip())
        return said


@contextlib.contextmanager
def subscribed(audience: Audience) -> Iterator[Subscribers]:
    """Subscribe for the length of the block; raise RuntimeError when a socket fails."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.subscribers"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            subscribers = Subscribers(process)
            subscribers.step(json.dumps(asdict(audience)))
            yield subscribers
        finally:
            process.terminate()


class Subscriber(asyncio.Protocol):
    """One socket."""

    def __init__(self, run: Run, number: int) -> None:
        self.run = run
        self.number = number
        target, self.greeting = run.audience.sockets[number]
        uri = parse_uri(f"ws://127.0.0.1:{run.audience.port}{target}")
        self.protocol = ClientProtocol(uri)
        self.told = asyncio.get_running_loop().create_future()
        """Is set by the first message that tells of data."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Shake hands."""
        self.transport = cast(asyncio.Transport, transport)
        self.protocol.send_request(self.protocol.connect())
        self.flush()

    def data_received(self, data: bytes) -> None:
        """Take note of what came, and when."""
        now = time.perf_counter()
        self.protocol.receive_data(data)
        for event in self.protocol.events_received():
            if isinstance(event, Response):
                for message in self.greeting:
                    self.protocol.send_text(message.encode())
            elif cast(Frame, event).opcode is Opcode.TEXT:
                self.take(bytes(cast(Frame, event).data), now)
        self.flush()

    def take(self, message: bytes, now: float) -> None:
        """Report a message that tells of data."""
        if self.run.expect not in message:
            return
        if self.told.done():
            self.run.hear(self.number, now)
        else:
            self.told.set_result(None)

    def flush(self) -> None:
        """Send what the protocol has to say."""
        self.transport.writelines(self.protocol.data_to_send())

    def connection_lost(self, exc: Exception | None) -> None:
        """A socket that is closed by the server fails the run."""
        self.run.lose(self, exc)


class Run:
    """The state that the subscribers share."""

    def __init__(self, audience: Audience) -> None:
        self.audience = audience
        self.expect = audience.expect.encode()
        self.subscribers: set[Subscriber] = set()
        self.waiting: set[int] = set()
        loop = asyncio.get_running_loop()
        self.failure: asyncio.Future[None] = loop.create_future()
        self.all_heard: asyncio.Future[None] = loop.create_future()
        self.all_closed: asyncio.Future[None] = loop.create_future()
        self.closing = False
        self.times: list[float] = []

    def hear(self, number: int, now: float) -> None:
        """Take note that a subscriber knows of the newest write."""
        if number not in self.waiting:
            self.fail(f"subscriber {number} was told what does not concern it, or twice")
            return
        self.waiting.discard(number)
        self.times.append(now)
        if not self.waiting:
            self.all_heard.set_result(None)

    def lose(self, subscriber: Subscriber, reason: Exception | None) -> None:
        """Take note of a socket that is closed."""
        self.subscribers.discard(subscriber)
        if not self.closing:
            self.fail(f"a socket was lost: {reason or subscriber.protocol.close_reason}")
        elif not self.subscribers:
            self.all_closed.set_result(None)

    def fail(self, reason: str) -> None:
        """End the run with an error."""
        if not self.failure.done():
            self.failure.set_exception(RuntimeError(reason))

    async def subscribe(self) -> None:
        """Open the sockets; return when each has been told its data."""
        turn = asyncio.Semaphore(_OPENING)
        loop = asyncio.get_running_loop()

        async def open_one(number: int) -> None:
            async with turn:
                port = self.audience.port
                _, subscriber = await loop.create_connection(
                    lambda: Subscriber(self, number), "127.0.0.1", port
                )
                self.subscribers.add(subscriber)
                await self.wait(subscriber.told)

        await asyncio.gather(*map(open_one, range(len(self.audience.sockets))))

    async def write(self) -> Delivery:
        """Send one write after the other."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.audience.port)
        latencies, lasts = [], []
        for write in self.audience.writes:
            self.waiting = set(write.concerns)
            self.all_heard = asyncio.get_running_loop().create_future()
            self.times.clear()
            start = time.perf_counter()
            writer.write(encode(*write.request))
            await self.wait(self.all_heard)
            await self.wait(asyncio.ensure_future(answer(reader)))
            latencies += [heard - start for heard in self.times]
            lasts.append(max(self.times) - start)
        writer.close()
        latencies.sort()
        return Delivery(
            p50=latencies[len(latencies) // 2] * 1000,
            p99=latencies[len(latencies) * 99 // 100] * 1000,
            last=sorted(lasts)[len(lasts) // 2] * 1000,
        )

    async def close(self) -> None:
        """Close the sockets; return when the server has closed them too."""
        self.closing = True
        for subscriber in self.subscribers:
            subscriber.protocol.send_close()
            subscriber.flush()
        await self.wait(self.all_closed)

    async def wait(self, future: asyncio.Future[None]) -> None:
        """Wait for something, or until a failure."""
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait([future, self.failure], return_when=asyncio.FIRST_COMPLETED)
            if self.failure.done():
                self.failure.result()
            await future


async def answer(reader: asyncio.StreamReader) -> None:
    """Read an answer; raise RuntimeError unless it is a success."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next(line for line in lines if line.startswith(b"content-length:"))
    body = await reader.readexactly(int(length.partition(b":")[2]))
    if b" 200 " not in lines[0]:
        raise RuntimeError(f"{lines[0].decode()}: {body[:300]!r}")


async def main() -> None:
    """Read an audience from standard input, then what to do next, line by line."""
    fields = json.loads(sys.stdin.readline())
    fields["writes"] = [Write(**write) for write in fields["writes"]]
    run = Run(Audience(**fields))
    await run.subscribe()
    print("subscribed", flush=True)
    while step := (await asyncio.to_thread(sys.stdin.readline)).strip():
        if step == "write":
            print(json.dumps(asdict(await run.write())), flush=True)
        else:
            await run.close()
            print("closed", flush=True)


if __name__ == "__main__":
    uvloop.run(main())
