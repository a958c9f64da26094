"""List-10 over HTTP, answered from the cache and not, against an ASGI app that does nothing."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from benchmarks import chat
from benchmarks.load import Load, medians
from benchmarks.table import Table

CHANNELS: Final = 100
MESSAGES_PER_CHANNEL: Final = 100
DIFFERENT_QUERIES: Final = 40_000
"""More results than the cache holds, so that none is there any more when it is asked for again."""
ROUNDS: Final = 3
_SUCCESS: Final = '"status":"success"'
_LATER_THAN_ALL: Final = 10**15
"""A time after every message, in milliseconds."""


def run() -> Table:
    """Measure side by side and round by round; return the table."""
    with (
        tempfile.TemporaryDirectory() as name,
        chat.peer("empty_app") as empty,
        chat.convexity(Path(name)) as ours,
    ):
        channels = chat.fill_convexity(ours, CHANNELS, MESSAGES_PER_CHANNEL).channels
        repeated = [chat.request("query", "list_messages", channelId=one) for one in channels]
        limit, cached, uncached = medians(
            [
                chat.nothing(empty),
                Load(port=ours.port, requests=repeated, expect=_SUCCESS),
                Load(port=ours.port, requests=_different(channels), expect=_SUCCESS),
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


def _different(channels: list[str]) -> list[tuple[str, str, str]]:
    """Queries with arguments of their own that all list the newest messages."""
    return [
        chat.request(
            "query",
            "list_messages_before",
            channelId=channels[number % len(channels)],
            before=_LATER_THAN_ALL + number,
        )
        for number in range(DIFFERENT_QUERIES)
    ]
