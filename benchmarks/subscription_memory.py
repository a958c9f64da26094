"""What the server holds for sockets and their subscriptions, and what is left when they end."""

from __future__ import annotations

import resource
import tempfile
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
_SHAPES: Final = (
    ("sockets that share a query", 1_000, 1, False),
    ("sockets that share a query", 5_000, 1, False),
    ("sockets, each with a query of its own", 1_000, 1, True),
    ("sockets, each with a query of its own", 5_000, 1, True),
    ("sockets, each with 500 queries of its own", 10, 500, True),
)
"""A title, how many sockets, how many queries on each, and whether no two are the same."""


def run() -> Table:
    """Measure each shape on a server that has just started."""
    # Each socket takes a file of the server and one of the load generator.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    table = Table(
        "Memory of the server",
        ("", "sockets", "before MB", "open MB", "closed MB", "kB per subscription"),
    )
    for title, sockets, queries, differ in _SHAPES:
        with tempfile.TemporaryDirectory() as name, chat.convexity(Path(name)) as server:
            channels = chat.fill_convexity(server, CHANNELS, MESSAGES_PER_CHANNEL).channels
            watched = [
                channels[number * queries : (number + 1) * queries] if differ else channels[:1]
                for number in range(sockets)
            ]
            before, opened, closed = _measure(server, watched)
        table.add(
            title,
            f"{sockets:,}",
            *(f"{held / MEGABYTE:,.0f}" for held in (before, opened, closed)),
            f"{(opened - before) / (sockets * queries) / 1024:,.1f}",
        )
    return table


def _measure(server: chat.Server, watched: list[list[str]]) -> tuple[int, int, int]:
    """Bytes before, with and after sockets that watch some channels each."""
    audience = Audience(
        port=server.port,
        sockets=[(SYNC, greeting(channels)) for channels in watched],
        expect=TELLS_OF_DATA,
        writes=[],
    )
    before = memory(server.pid)
    with subscribed(audience) as subscribers:
        opened = memory(server.pid)
        subscribers.close()
        return before, opened, memory(server.pid)
