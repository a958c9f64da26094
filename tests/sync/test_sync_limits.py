"""Limits of sockets and requests, and the codes by which clients know them (wire-protocol 10)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from convexity.backend import Backend
from convexity.errors import WriteConflict
from convexity.functions.registration import action, mutation
from convexity.functions.settings import FunctionSettings
from convexity.values import v
from websockets.exceptions import ConnectionClosed

from tests.sync.in_process import backend, served
from tests.sync.sync_client import SyncClient, sync_client

OVERLOADED = 1013
"""Close code of what is worth another try."""


class Functions:
    @mutation(args={}, returns=v.null())
    async def stuck(ctx: Any) -> None:
        await asyncio.Event().wait()

    @action(args={}, returns=v.null())
    async def waits(ctx: Any) -> None:
        await asyncio.Event().wait()

    @mutation(args={}, returns=v.null())
    async def conflicts(ctx: Any) -> None:
        raise WriteConflict


@asynccontextmanager
async def port_of(folder: Path) -> AsyncIterator[int]:
    async with backend(folder, Functions) as started, served(started) as port:
        yield port


async def ending(client: SyncClient) -> tuple[int | None, str]:
    """Code and reason with which the server closes the socket."""
    code = await client.close_code()
    assert isinstance(client.ended, ConnectionClosed)
    assert client.ended.rcvd is not None
    return code, client.ended.rcvd.reason


@pytest.mark.parametrize(
    ("limit", "path", "reason"),
    [
        ("MAX_PENDING_MUTATIONS_PER_SOCKET", "m:stuck", "TooManyConcurrentMutations"),
        ("MAX_ACTIONS_PER_SOCKET", "m:waits", "TooManyInflightActionsForSingleClient"),
    ],
)
async def test_requests_that_one_socket_may_have_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, path: str, reason: str
) -> None:
    monkeypatch.setattr(f"convexity.sync.requests.{limit}", 3)
    async with port_of(tmp_path) as port, sync_client(port) as client:
        kind = "mutation" if path == "m:stuck" else "action"
        for _ in range(3):
            await client.request(kind, path)
        await client.catch_up()
        await client.request(kind, path)
        assert await ending(client) == (OVERLOADED, reason)


async def test_a_mutation_that_takes_too_long_ends_its_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("convexity.sync.requests.MAX_SOCKET_MUTATION_TIME", 0.05)
    async with port_of(tmp_path) as port, sync_client(port) as client:
        await client.request("mutation", "m:stuck")
        assert await ending(client) == (1011, "InternalServerError")


async def test_a_request_that_takes_too_long_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("convexity.http.calls.MAX_HTTP_REQUEST_TIME", 0.05)
    async with port_of(tmp_path) as port, httpx.AsyncClient() as client:
        answer = await client.post(
            f"http://127.0.0.1:{port}/api/action", json={"path": "m:waits", "args": {}}
        )
        assert (answer.status_code, answer.json()["code"]) == (408, "RequestTimeout")


async def test_a_mutation_that_meets_conflicts_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = FunctionSettings(conflict_backoff=0)
    monkeypatch.setattr(Backend, "_function_settings", lambda _: at_once)
    code = "OptimisticConcurrencyControlFailure"
    async with port_of(tmp_path) as port:
        async with httpx.AsyncClient() as client:
            answer = await client.post(
                f"http://127.0.0.1:{port}/api/mutation", json={"path": "m:conflicts", "args": {}}
            )
        assert (answer.status_code, answer.json()["code"]) == (503, code)
        async with sync_client(port) as client:
            await client.request("mutation", "m:conflicts")
            assert await ending(client) == (OVERLOADED, code)
