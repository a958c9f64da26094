"""One backend for all tests of the sync protocol, and rooms that they do not share."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.backends import FIXTURES, Server, build_project, serve
from tests.sync.sync_client import SyncClient, sync_client


@pytest.fixture(scope="session")
def live_dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled fixture project ``live``."""
    return build_project(FIXTURES / "live", tmp_path_factory.mktemp("live") / "live")


@pytest.fixture(scope="session")
def live(live_dist: Path) -> Iterator[Server]:
    """It, running."""
    with serve(live_dist) as server:
        yield server


@pytest.fixture
def room() -> str:
    """A room without items."""
    return uuid.uuid4().hex


@pytest.fixture
async def client(live: Server) -> AsyncIterator[SyncClient]:
    """A connected client."""
    async with sync_client(live.port) as connected:
        yield connected
