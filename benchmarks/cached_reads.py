"""List-10 over HTTP, answered from the cache and not, against an ASGI app that does nothing."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from benchmarks import chat
from benchmarks.load import medians
from benchmarks.table import Table

CHANNELS: Final = 100
MESSAGES_PER_CHANNEL: Final = 100
ROUNDS: Final = 3


def run() -> Table:
    """Measure side by side and round by round; return the table."""
    with (
        tempfile.TemporaryDirectory() as name,
        chat.peer("empty_app") as empty,
        chat.convexity(Path(name)) as ours,
    ):
        filled = chat.fill_convexity(ours, CHANNELS, MESSAGES_PER_CHANNEL)
        limit, cached, uncached = medians(
            [
                chat.nothing(empty),
                chat.repeated_lists(ours, filled),
                chat.different_lists(ours, filled),
            ],
            ROUNDS,
        )
    table = Table(
        "Reads over HTTP, 32 connections",
        ("", "list-10 /s", "p50 ms", "p99 ms", "of the empty app"),
    )
    for title, measured in (
        ("empty ASGI app", limit),
        ("cached: 100 queries over and over", cached),
        ("uncached: every query is new", uncached),
    ):
        table.add(title, *measured.cells(), f"{measured.rate / limit.rate:.0%}")
    return table
