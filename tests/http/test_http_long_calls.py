"""Calls that take longer than a request may."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from convexity.backend import Backend
from convexity.database.tables import Schema


@pytest.fixture
def backend(tmp_path: Path) -> Backend:
    schema = Schema(tables=())
    return Backend(schema, (), definition=None, project="long", folder=tmp_path)


async def test_what_ends_in_time_gives_its_result(backend: Backend):
    assert await backend.within(30, asyncio.sleep(0, "done")) == "done"


async def test_what_takes_longer_goes_on(backend: Backend):
    goes_on, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        await goes_on.wait()
        ended.set()

    with pytest.raises(TimeoutError):
        await backend.within(0, work())
    goes_on.set()
    await asyncio.wait_for(ended.wait(), 30)


async def test_it_is_cancelled_with_whoever_waits_and_with_the_backend(backend: Backend):
    started, cancelled = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    waiting = asyncio.create_task(backend.within(30, work()))
    await started.wait()
    waiting.cancel()
    await asyncio.wait_for(cancelled.wait(), 30)

    started.clear()
    cancelled.clear()
    with pytest.raises(TimeoutError):
        await backend.within(0, work())
    await started.wait()
    await backend.stop()
    assert cancelled.is_set()


async def test_an_error_comes_through(backend: Backend):
    async def work() -> None:
        raise ValueError("from the work")

    with pytest.raises(ValueError, match="from the work"):
        await backend.within(30, work())
