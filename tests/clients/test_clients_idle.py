"""The npm client on a quiet connection, its clock and the server's running faster."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from convexity.auth.identity import ANONYMOUS
from convexity.sync import session

from tests.clients.live_client import LiveClient, live_client
from tests.sync.in_process import backend, served
from tests.sync.sync_client import sync_client
from tests.sync.test_sync_cache import Functions

SPEED = 20
"""The client gives a silent connection up after 60 s of its clock, that is 3 s."""
QUIET = 75
"""Seconds of silence by that clock."""


async def test_a_quiet_connection_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interval = session.HEARTBEAT_INTERVAL
    monkeypatch.setattr(session, "HEARTBEAT_INTERVAL", interval / SPEED)
    async with backend(tmp_path, Functions) as started, served(started) as port:
        with live_client(f"http://127.0.0.1:{port}", speed=SPEED) as npm:
            await asyncio.to_thread(subscribe, npm)
            async with sync_client(port) as clock:
                await clock.until(lambda: len(clock.messages) >= QUIET / interval)
                assert all(message["type"] == "Ping" for message in clock.messages)
            await started.runner.run("m:add", {"text": "x", "owner": "ada"}, identity=ANONYMOUS)
            assert await asyncio.to_thread(connections, npm) == 1


def subscribe(npm: LiveClient) -> None:
    npm.until_value(npm.subscribe("m:texts", owner="ada"), [])


def connections(npm: LiveClient) -> int:
    """How often it connected, once it has heard of the message."""
    npm.until(lambda: npm.events[-1].get("value") == ["x"])
    count: int = npm.outcome(npm.command("connection"))["value"]["connectionCount"]
    return count
