"""List-10 and send over HTTP at 32 connections on 100,000 rows, against hand-written FastAPI."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from benchmarks import chat
from benchmarks.load import Load, medians
from benchmarks.table import Table

CHANNELS: Final = 100
MESSAGES_PER_CHANNEL: Final = 1_000
ROUNDS: Final = 3


def run() -> Table:
    """Measure all three servers, side by side and round by round; return the table."""
    with (
        tempfile.TemporaryDirectory() as name,
        chat.peer("empty_app") as empty,
        chat.peer("sqlalchemy_app", BENCHMARK_DATABASE=str(Path(name) / "peer.db")) as peer,
        chat.convexity(Path(name)) as ours,
    ):
        peer_list, peer_send = _peer_loads(peer)
        our_list, our_send = _our_loads(ours)
        limit, *measured = medians(
            [chat.nothing(empty), peer_list, our_list, peer_send, our_send], ROUNDS
        )
    table = Table(
        "HTTP, 32 connections, 100,000 rows",
        ("server", "list-10 /s", "p50 ms", "p99 ms", "send /s", "p50 ms", "p99 ms"),
    )
    their_lists, our_lists, their_sends, our_sends = measured
    table.add("empty ASGI app", *limit.cells(), *limit.cells())
    table.add("FastAPI + SQLAlchemy + aiosqlite", *their_lists.cells(), *their_sends.cells())
    table.add("convexity", *our_lists.cells(), *our_sends.cells())
    table.add(
        "convexity / SQLAlchemy",
        f"{our_lists.rate / their_lists.rate:.1f}x",
        "",
        "",
        f"{our_sends.rate / their_sends.rate:.1f}x",
        "",
        "",
    )
    return table


def _peer_loads(server: chat.Server) -> tuple[Load, Load]:
    """Fill the peer; return what lists and what sends."""
    filled = chat.fill_peer(server, CHANNELS, MESSAGES_PER_CHANNEL)
    lists = [("GET", f"/channels/{channel}/messages", "") for channel in filled.channels]
    sends = [chat.send_to_peer(filled, channel) for channel in filled.channels]
    return (
        Load(port=server.port, requests=lists, expect='"content":"'),
        Load(port=server.port, requests=sends),
    )


def _our_loads(server: chat.Server) -> tuple[Load, Load]:
    """Fill convexity; return what lists and what sends."""
    filled = chat.fill_convexity(server, CHANNELS, MESSAGES_PER_CHANNEL)
    lists = [
        chat.request("query", "list_messages", channelId=channel) for channel in filled.channels
    ]
    sends = [chat.send_to_convexity(filled, channel) for channel in filled.channels]
    success = '"status":"success"'
    return (
        Load(port=server.port, requests=lists, expect=success),
        Load(port=server.port, requests=sends, expect=success),
    )
