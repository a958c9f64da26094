"""What the server holds for sockets and their subscriptions, and what is left when they end."""

from __future__ import annotations

import resource
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import chat
from benchmarks.processes import memory
from benchmarks.subscribers import Audience, subscribed
from benchmarks.sync_messages import SYNC, TELLS_OF_DATA, greeting
from benchmarks.table import Table

CHANNELS: Final = 5_000
MESSAGES_PER_CHANNEL: Final = 10
MEGABYTE: Final = 2**20
REPETITIONS: Final = 3
"""Times that all subscribe and leave; what grows each time is a leak."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """How many sockets with how many queries each; unless shared, no query is there twice."""

    sockets: int
    queries: int = 1
    shared: bool = False


_SHAPES: Final = (
    ("sockets that share a query", _Shape(1_000, shared=True)),
    ("sockets that share a query", _Shape(5_000, shared=True)),
    ("sockets with a query of their own", _Shape(1_000)),
    ("sockets with a query of their own", _Shape(5_000)),
    ("sockets with 500 queries of their own", _Shape(10, queries=500)),
)


def run() -> Table:
    """Measure each shape on a server that has just started."""
    # Each socket takes a file of the server and one of the load generator.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    times = tuple(f"after {number}. time" for number in range(1, REPETITIONS + 1))
    table = Table(
        "Memory of the server in MB, before, with and after subscriptions",
        ("", "sockets", "before", "with", *times, "kB per subscription"),
    )
    for title, shape in _SHAPES:
        with tempfile.TemporaryDirectory() as name, chat.convexity(Path(name)) as server:
            channels = chat.fill_convexity(server, CHANNELS, MESSAGES_PER_CHANNEL).channels
            before = memory(server.pid)
            rounds = [_subscribe(server, shape, channels) for _ in range(REPETITIONS)]
        opened = rounds[0][0]
        held = (before, opened, *(closed for _, closed in rounds))
        table.add(
            title,
            f"{shape.sockets:,}",
            *(f"{amount / MEGABYTE:,.0f}" for amount in held),
            f"{(opened - before) / (shape.sockets * shape.queries) / 1024:,.1f}",
        )
    return table


def _subscribe(server: chat.Server, shape: _Shape, channels: list[str]) -> tuple[int, int]:
    """Bytes that the server holds while all are subscribed, and when all have left."""
    count = shape.queries
    watched = [
        channels[:count] if shape.shared else channels[number * count : (number + 1) * count]
        for number in range(shape.sockets)
    ]
    audience = Audience(
        port=server.port,
        sockets=[(SYNC, greeting(few)) for few in watched],
        expect=TELLS_OF_DATA,
        writes=[],
    )
    with subscribed(audience) as subscribers:
        opened = memory(server.pid)
        subscribers.close()
        return opened, memory(server.pid)
