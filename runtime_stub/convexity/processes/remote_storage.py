"""``ctx.storage`` of an action in a worker process; contents pass through in pieces."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from typing import TYPE_CHECKING, Any, Final, cast

from typing_extensions import deprecated

from convexity.functions.storage import CHUNK_SIZE, Blob, FileMetadata, StorageActionWriter, pieces
from convexity.processes.packing import pack
from convexity.storage.byte_store import PIECE
from convexity.values import Id

if TYPE_CHECKING:
    from convexity.database.system_tables import Storage
    from convexity.functions.calls import Calls
    from convexity.functions.invocation import Invocation
    from convexity.processes.remote import RemoteCalls, Requests


class RemoteBlob(Blob):
    """A stored file, read by the server."""

    __slots__ = ("_id", "_requests")

    def __init__(self, requests: Requests, document_id: str, facts: dict[str, Any]) -> None:
        self._requests = requests
        self._id = document_id
        self.size = facts["size"]
        self.content_type = facts["content_type"]

    async def read(self) -> bytes:
        """The whole content."""
        return b"".join([piece async for piece in self.chunks(PIECE)])

    async def chunks(self, size: int = CHUNK_SIZE, /) -> AsyncIterator[bytes]:
        """The content in pieces of ``size`` bytes, of which the last may be shorter.

        Raises:
            ValueError: ``size`` is not positive.
        """
        if size < 1:
            raise ValueError(f"chunks() needs a size of at least one byte, not {size}")
        what = "ctx.storage.get"
        message = {"type": "open_file", "file": self._id, "size": size}
        stream = await self._requests.ask(message, what)
        try:
            while (
                piece := await self._requests.ask({"type": "read_piece", "stream": stream}, what)
            ) is not None:
                yield piece
        finally:
            self._requests.tell({"type": "close_file", "stream": stream})


class RemoteStorage(StorageActionWriter):
    """Files, stored and read by the server."""

    __slots__ = ("_requests",)

    def __init__(self, invocation: Invocation, calls: RemoteCalls) -> None:
        super().__init__(invocation, cast("Calls", calls))
        self._requests: Final = calls.requests

    async def get_url(self, id: Id[Storage], /) -> str | None:  # noqa: A002 - public name
        """Address at which anybody can fetch a file; see :meth:`StorageReader.get_url`."""
        return cast("str | None", await self._ask("get_url", id))

    @deprecated("use ctx.db.system.get(id)", category=None)
    async def get_metadata(self, id: Id[Storage], /) -> FileMetadata | None:  # noqa: A002 - public name
        """Facts about a file; see :meth:`StorageReader.get_metadata`."""
        return cast("FileMetadata | None", await self._ask("get_metadata", id))

    async def generate_upload_url(self) -> str:
        """Address to which a client may post a file within the next hour."""
        return cast("str", await self._ask("generate_upload_url"))

    async def delete(self, id: Id[Storage], /) -> None:  # noqa: A002 - public name
        """Delete a file at once; see :meth:`StorageWriter.delete`."""
        await self._ask("delete", id)

    async def store(
        self,
        data: bytes | AsyncIterable[bytes],
        /,
        *,
        content_type: str | None = None,
        sha256: str | None = None,
    ) -> Id[Storage]:
        """Store a file; see :meth:`StorageActionWriter.store`."""
        self._invocation.check_usable()
        what = "ctx.storage.store"
        given = pieces(data)
        facts = {"content_type": content_type, "sha256": sha256}
        stream = await self._requests.ask({"type": "begin_file", **facts}, what)
        stored = asyncio.ensure_future(
            self._requests.ask({"type": "finish_file", "stream": stream}, what)
        )
        is_whole = False
        try:
            async for piece in given:
                for start in range(0, len(piece), PIECE):
                    part = bytes(piece[start : start + PIECE])
                    message = {"type": "write_piece", "stream": stream, "piece": pack(part)}
                    if not await self._requests.ask(message, what):
                        return cast("Id[Storage]", await stored)  # the server says why it refuses
            is_whole = True
        finally:
            self._requests.tell({"type": "end_file", "stream": stream, "is_whole": is_whole})
            if not is_whole and not stored.done():
                stored.cancel()
        return cast("Id[Storage]", await stored)

    async def get(self, id: Id[Storage], /) -> Blob | None:  # noqa: A002 - public name
        """The file of that id; see :meth:`StorageActionWriter.get`."""
        facts = await self._ask("get", id)
        return None if facts is None else RemoteBlob(self._requests, id, facts)

    async def _ask(self, method: str, *arguments: str) -> Any:
        self._invocation.check_usable()
        message = {"type": "storage", "method": method, "args": pack(list(arguments))}
        return await self._requests.ask(message, f"ctx.storage.{method}")
