"""From one commit to every subscriber that it concerns: reruns, time and work of the server."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from benchmarks import chat
from benchmarks.processes import cpu_seconds
from benchmarks.subscribers import Audience, Delivery, Write, subscribed
from benchmarks.sync_messages import SYNC, TELLS_OF_DATA, greeting
from benchmarks.table import Table

MESSAGES_PER_CHANNEL: Final = 20
COMMITS: Final = 50
PEER_COMMITS: Final = 5
"""Fewer where one may take seconds."""
AUDIENCES: Final = (1, 100, 1_000)
PEERS: Final = {"each": "FastAPI, a query per subscriber", "once": "FastAPI, a query per commit"}
"""What the peer does on a commit, by the value of BENCHMARK_RERUN."""
_ADMIN: Final = {"Authorization": f"Convex {chat.ADMIN_KEY}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a commit costs."""

    reruns: float
    """Queries that were run because of it."""
    delivery: Delivery
    cpu: float
    """Milliseconds of the server."""


def one_query() -> Table:
    """Measure subscribers that all watch one list; then peers that do it by hand."""
    table = Table(
        "One commit, all subscribers watch the one query that it changes",
        ("server", "subscribers", "reruns", "p50 ms", "p99 ms", "last ms", "/ ours", "CPU ms"),
    )
    ours: dict[int, Measured] = {}
    with tempfile.TemporaryDirectory() as name, chat.convexity(Path(name)) as server:
        filled = chat.fill_convexity(server, 1, MESSAGES_PER_CHANNEL)
        for count in AUDIENCES:
            measured = _measure_ours(server, filled, [0] * count, [range(count)] * COMMITS)
            ours[count] = measured
            _add(table, "convexity", count, measured, measured)
    for rerun, title in PEERS.items():
        with (
            tempfile.TemporaryDirectory() as name,
            chat.peer(
                "broadcast_app",
                BENCHMARK_DATABASE=f"sqlite+aiosqlite:///{name}/peer.db",
                BENCHMARK_RERUN=rerun,
            ) as server,
        ):
            filled = chat.fill_peer(server, 1, MESSAGES_PER_CHANNEL)
            for count in AUDIENCES:
                _add(table, title, count, _measure_peer(server, filled, count), ours[count])
    return table


def many_queries() -> Table:
    """Measure subscribers that each watch a list of their own, of which a commit changes one."""
    table = Table(
        "One commit, each subscriber watches a query of its own, one of which it changes",
        ("server", "subscribers", "reruns", "p50 ms", "p99 ms", "CPU ms"),
    )
    with tempfile.TemporaryDirectory() as name, chat.convexity(Path(name)) as server:
        filled = chat.fill_convexity(server, max(AUDIENCES), MESSAGES_PER_CHANNEL)
        for count in AUDIENCES:
            concerned = [range(number % count, number % count + 1) for number in range(COMMITS)]
            measured = _measure_ours(server, filled, list(range(count)), concerned)
            told = measured.delivery
            cells = (measured.reruns, told.p50, told.p99, measured.cpu)
            table.add("convexity", f"{count:,}", *(f"{cell:,.1f}" for cell in cells))
    return table


def _add(table: Table, title: str, count: int, measured: Measured, ours: Measured) -> None:
    told = measured.delivery
    table.add(
        title,
        f"{count:,}",
        f"{measured.reruns:,.1f}",
        *(f"{milliseconds:,.1f}" for milliseconds in (told.p50, told.p99, told.last)),
        f"{told.last / ours.delivery.last:.1f}x",
        f"{measured.cpu:,.1f}",
    )


def _measure_ours(
    server: chat.Server, filled: chat.Chat, watched: list[int], concerned: list[range]
) -> Measured:
    """Measure commits, each to the channel that the subscribers watch whom it concerns.

    Args:
        server: Where to.
        filled: Its channels.
        watched: The number of the channel that each subscriber watches.
        concerned: For each commit the numbers of those subscribers.
    """
    channels = filled.channels
    audience = Audience(
        port=server.port,
        sockets=[(SYNC, greeting([channels[number]])) for number in watched],
        expect=TELLS_OF_DATA,
        writes=[
            Write(
                request=chat.send_to_convexity(filled, channels[watched[numbers[0]]]),
                concerns=list(numbers),
            )
            for numbers in concerned
        ],
    )

    def count_executions() -> int:
        logs = chat.get(server, "/api/stream_function_logs", **_ADMIN)
        return int(logs["newCursor"])

    measured = _measure(server, audience, count_executions)
    return replace(measured, reruns=measured.reruns - 1)  # The other is the mutation.


def _measure_peer(server: chat.Server, filled: chat.Chat, count: int) -> Measured:
    channel = filled.channels[0]
    write = Write(request=chat.send_to_peer(filled, channel), concerns=list(range(count)))
    audience = Audience(
        port=server.port,
        sockets=[(f"/channels/{channel}/live", [])] * count,
        expect='"content":"',
        writes=[write] * PEER_COMMITS,
    )
    return _measure(server, audience, lambda: int(chat.get(server, "/reruns")))


def _measure(server: chat.Server, audience: Audience, count: Callable[[], int]) -> Measured:
    """Send the writes, once all have subscribed.

    Args:
        server: Where to.
        audience: The subscribers, and the writes.
        count: Tells how many functions were run so far.
    """
    writes = len(audience.writes)
    with subscribed(audience) as subscribers:
        counted, used = count(), cpu_seconds(server.pid)
        delivery = subscribers.write()
        used = cpu_seconds(server.pid) - used
        return Measured(
            reruns=(count() - counted) / writes, delivery=delivery, cpu=used / writes * 1000
        )
