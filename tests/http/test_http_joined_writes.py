"""Joining the writes of uvicorn, over a real connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from convexity.http.joined_writes import JoinedWrites


class Recording(asyncio.Protocol):
    """Lets a test write to the client through joined writes."""

    def __init__(self, serve: Callable[[JoinedWrites], None]) -> None:
        self._serve = serve

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._serve(JoinedWrites(transport))


@asynccontextmanager
async def client(serve: Callable[[JoinedWrites], None]) -> AsyncIterator[asyncio.StreamReader]:
    server = await asyncio.get_running_loop().create_server(
        lambda: Recording(serve), "127.0.0.1", 0
    )
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        yield reader
        writer.close()


async def test_every_piece_arrives_in_order() -> None:
    def serve(transport: JoinedWrites) -> None:
        for number in range(7):
            transport.write(b"%d " % number)
        transport.close()

    async with client(serve) as reader:
        assert await reader.read() == b"0 1 2 3 4 5 6 "


async def test_a_piece_without_a_second_one_is_sent() -> None:
    async with client(lambda transport: transport.write(b"alone")) as reader:
        assert await reader.readexactly(5) == b"alone"


@pytest.mark.parametrize("pieces", [1, 2])
async def test_closing_sends_what_was_kept(pieces: int) -> None:
    def serve(transport: JoinedWrites) -> None:
        for _ in range(pieces):
            transport.write(b"piece")
        transport.close()

    async with client(serve) as reader:
        assert await reader.read() == b"piece" * pieces


async def test_no_more_than_one_piece_is_kept() -> None:
    """The transport's own buffer grows, which is what pauses a sender."""

    def serve(transport: JoinedWrites) -> None:
        piece = b"x" * 2**20
        for _ in range(64):
            transport.write(piece)
        assert transport.get_write_buffer_size() > 2**20
        transport.close()

    async with client(serve) as reader:
        assert len(await reader.read()) == 64 * 2**20


async def test_a_connection_that_is_gone_is_left_alone() -> None:
    closed = asyncio.Event()

    def serve(transport: JoinedWrites) -> None:
        transport.write(b"too late")
        transport.abort()
        asyncio.get_running_loop().call_soon(closed.set)

    async with client(serve) as reader:
        await closed.wait()
        assert await reader.read() == b""
