"""List-10 and send over HTTP at 32 connections on 100,000 rows, against hand-written FastAPI."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from benchmarks import chat
from benchmarks.load import Load, Measured, medians
from benchmarks.table import Table

CHANNELS: Final = 100
MESSAGES_PER_CHANNEL: Final = 1_000
ROUNDS: Final = 3


def run() -> Table:
    """Measure all three servers, side by side and round by round; return the table."""
    with (
        tempfile.TemporaryDirectory() as name,
        chat.peer("empty_app") as empty,
        chat.peer(
            "sqlalchemy_app", BENCHMARK_DATABASE=f"sqlite+aiosqlite:///{name}/peer.db"
        ) as peer,
        chat.convexity(Path(name)) as ours,
    ):
        limit, *measured = medians([chat.nothing(empty), *loads(peer, ours)], ROUNDS)
    table = headed("HTTP, 32 connections, 100,000 rows")
    table.add("empty ASGI app", *limit.cells(), *limit.cells())
    add_comparison(table, "FastAPI + SQLAlchemy + aiosqlite", "convexity", measured)
    return table


def headed(title: str) -> Table:
    """Return a table for what :func:`add_comparison` adds."""
    return Table(title, ("server", "list-10 /s", "p50 ms", "p99 ms", "send /s", "p50 ms", "p99 ms"))


def loads(peer: chat.Server, ours: chat.Server) -> list[Load]:
    """Fill both servers; return what to measure, in the order of :func:`add_comparison`."""
    theirs = chat.fill_peer(peer, CHANNELS, MESSAGES_PER_CHANNEL)
    filled = chat.fill_convexity(ours, CHANNELS, MESSAGES_PER_CHANNEL)
    return [
        chat.peer_lists(peer, theirs),
        chat.different_lists(ours, filled),
        chat.repeated_lists(ours, filled),
        chat.peer_sends(peer, theirs),
        chat.sends(ours, filled),
    ]


def add_comparison(table: Table, peer: str, ours: str, measured: list[Measured]) -> None:
    """Add a row for the peer, for convexity without and with its query cache, and the ratios."""
    peer_lists, different, repeated, peer_sends, sends = measured
    write_ratio = f"{sends.rate / peer_sends.rate:.1f}x"
    table.add(peer, *peer_lists.cells(), *peer_sends.cells())
    table.add(f"{ours}, every query new", *different.cells(), *sends.cells())
    table.add(f"{ours}, 100 queries over and over", *repeated.cells(), "", "", "")
    table.add(
        f"{ours}, new / peer",
        f"{different.rate / peer_lists.rate:.1f}x",
        "",
        "",
        write_ratio,
        "",
        "",
    )
    table.add(
        f"{ours}, repeated / peer", f"{repeated.rate / peer_lists.rate:.1f}x", "", "", "", "", ""
    )
