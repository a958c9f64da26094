"""The server's half of ``ctx.storage`` of an action in a worker process."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from convexity.processes.packing import unpack

if TYPE_CHECKING:
    from convexity.functions.storage import StorageActionWriter


class _CutOffError(Exception):
    """The action does not send the rest of a file."""


class _Incoming:
    """A file that the action stores, piece by piece: the next is taken when one was written."""

    def __init__(self) -> None:
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue(1)
        self._is_whole = False
        self.stored: asyncio.Task[Any]

    async def take(self, piece: bytes) -> bool:
        """Take a piece; false if the file is refused."""
        put = asyncio.ensure_future(self._pieces.put(piece))
        await asyncio.wait({put, self.stored}, return_when=asyncio.FIRST_COMPLETED)
        put.cancel()
        return not self.stored.done()

    def end(self, *, is_whole: bool) -> None:
        """No further piece comes."""
        self._is_whole = is_whole
        put = asyncio.ensure_future(self._pieces.put(None))
        self.stored.add_done_callback(lambda _: put.cancel())

    async def pieces(self) -> AsyncIterator[bytes]:
        """The pieces as they come."""
        while (piece := await self._pieces.get()) is not None:
            yield piece
        if not self._is_whole:
            raise _CutOffError("the action does not send the rest of the file")


class ServedStorage:
    """Does what an action asks of its storage."""

    def __init__(self, storage: StorageActionWriter) -> None:
        """Take the ``ctx.storage`` of the server."""
        self._storage = storage
        self._numbers = itertools.count(1)
        self._incoming: dict[int, _Incoming] = {}
        self._outgoing: dict[int, AsyncIterator[bytes]] = {}

    def told(self, message: Mapping[str, Any]) -> None:
        """Take note of what needs no answer."""
        if message["type"] == "close_file":
            self._outgoing.pop(message["stream"], None)
        elif (incoming := self._incoming.get(message["stream"])) is not None:
            incoming.end(is_whole=message["is_whole"])

    async def answer(self, message: Mapping[str, Any]) -> Any:
        """What a request comes to.

        Raises:
            Exception: whatever the storage raises.
        """
        match message["type"]:
            case "storage":
                return await self._call(message["method"], unpack(message["args"]))
            case "begin_file":
                return self._begin(message["content_type"], message["sha256"])
            case "write_piece":
                return await self._incoming[message["stream"]].take(unpack(message["piece"]))
            case "finish_file":
                return await self._finish(message["stream"])
            case "open_file":
                return await self._open(message["file"], message["size"])
            case _:
                return await anext(self._outgoing[message["stream"]], None)

    async def _call(self, method: str, arguments: list[Any]) -> Any:
        result = await getattr(self._storage, method)(*arguments)
        if method != "get" or result is None:
            return result
        return {"size": result.size, "content_type": result.content_type}

    def _begin(self, content_type: str | None, sha256: str | None) -> int:
        incoming = _Incoming()
        stored = self._storage.store(incoming.pieces(), content_type=content_type, sha256=sha256)
        incoming.stored = asyncio.ensure_future(stored)
        number = next(self._numbers)
        self._incoming[number] = incoming
        return number

    async def _finish(self, number: int) -> Any:
        try:
            return await self._incoming[number].stored
        finally:
            del self._incoming[number]

    async def _open(self, file: Any, size: int) -> int:
        blob = await self._storage.get(file)
        if blob is None:
            raise LookupError(f"the file {file} was deleted")
        number = next(self._numbers)
        self._outgoing[number] = aiter(blob.chunks(size))
        return number
