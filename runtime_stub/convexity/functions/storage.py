"""``ctx.storage``: stored files, as functions see them."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final, TypedDict, TypeVar, cast

from typing_extensions import deprecated

from convexity.database.transaction import Transaction
from convexity.storage import database
from convexity.storage.content import check_content_type, parse_sha256
from convexity.storage.rows import StoredFile, delete_file, find_file, find_key
from convexity.values import Id

if TYPE_CHECKING:
    from convexity.database.system_tables import Storage
    from convexity.functions.calls import Calls
    from convexity.functions.invocation import Invocation
    from convexity.storage.files import FileStorage

T = TypeVar("T")

CHUNK_SIZE: Final = 64 * 1024
"""Bytes per chunk of :meth:`Blob.chunks` unless told otherwise."""


class FileMetadata(TypedDict):
    """What :meth:`StorageReader.get_metadata` tells of a file."""

    storageId: str
    """UUID of the file, as in its URL."""
    sha256: str
    """Digest in hexadecimal; the row in ``_storage`` has it in base64."""
    size: float
    contentType: str | None


class Blob:
    """A stored file, whose content is read when it is asked for."""

    __slots__ = ("_file", "_files", "content_type", "size")

    def __init__(self, file: StoredFile, files: FileStorage) -> None:
        self._file = file
        self._files = files
        self.size = file.size
        """Bytes."""
        self.content_type = file.content_type
        """Media type, as it was given when the file was stored."""

    async def read(self) -> bytes:
        """The whole content."""
        return b"".join([piece async for piece in self._files.read(self._file)])

    async def chunks(self, size: int = CHUNK_SIZE, /) -> AsyncIterator[bytes]:
        """The content in pieces of ``size`` bytes, of which the last may be shorter.

        Raises:
            ValueError: ``size`` is not positive.
        """
        if size < 1:
            raise ValueError(f"chunks() needs a size of at least one byte, not {size}")
        waiting = bytearray()
        async with aclosing(self._files.read(self._file)) as pieces:
            async for piece in pieces:
                waiting += piece
                while len(waiting) >= size:
                    yield bytes(waiting[:size])
                    del waiting[:size]
        if waiting:
            yield bytes(waiting)


class StorageReader:
    """``ctx.storage`` of queries. A file is given by its id; the UUID in its URL will do too."""

    __slots__ = ("_calls", "_invocation")

    def __init__(self, invocation: Invocation, calls: Calls) -> None:
        self._invocation = invocation
        self._calls = calls

    async def get_url(self, id: Id[Storage], /) -> str | None:  # noqa: A002 - public name
        """Address at which anybody can fetch a file; ``None`` if there is none of that id.

        Raises:
            InvalidIdError: the text is no id of a file.
        """
        key = await self._reading(lambda transaction: find_key(transaction, id))
        if key is None:
            return None
        return self._calls.files.url(key, self._invocation.component.path)

    @deprecated("use ctx.db.system.get(id)", category=None)
    async def get_metadata(self, id: Id[Storage], /) -> FileMetadata | None:  # noqa: A002 - public name
        """Facts about a file. Deprecated: ``ctx.db.system.get(id)`` gives its row.

        Raises:
            InvalidIdError: the text is no id of a file.
        """
        file = await self._reading(lambda transaction: find_file(transaction, id))
        if file is None:
            return None
        return {
            "storageId": file.key,
            "sha256": parse_sha256(file.sha256).hex(),
            "size": float(file.size),
            "contentType": file.content_type,
        }

    async def _reading(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run ``work`` in the function's transaction; for an action, on a snapshot."""
        self._invocation.check_usable()
        if self._invocation.transaction is not None:
            return await work(self._invocation.live_transaction)
        return await database.read(self._database, work)

    @property
    def _database(self) -> database.Database:
        """The tables of the function's component."""
        return self._calls.database(self._invocation.component, self._invocation.call)


class StorageWriter(StorageReader):
    """``ctx.storage`` of mutations."""

    __slots__ = ()

    async def generate_upload_url(self) -> str:
        """Address to which a client may post a file within the next hour."""
        self._invocation.check_usable()
        component = self._invocation.component.path
        return self._calls.files.upload_url(self._calls.clock(), component)

    async def delete(self, id: Id[Storage], /) -> None:  # noqa: A002 - public name
        """Delete a file, if and when the mutation commits; an action deletes it at once.

        Raises:
            InvalidIdError: the text is no id of a file.
            DocumentNotFoundError: there is none of that id.
        """

        async def delete(transaction: Transaction) -> None:
            await delete_file(transaction, id)

        self._invocation.check_usable()
        if self._invocation.transaction is not None:
            await delete(self._invocation.live_transaction)
        else:
            await database.write(self._database, delete)


class StorageActionWriter(StorageWriter):
    """``ctx.storage`` of actions."""

    __slots__ = ()

    async def store(
        self,
        data: bytes | AsyncIterable[bytes],
        /,
        *,
        content_type: str | None = None,
        sha256: str | None = None,
    ) -> Id[Storage]:
        """Store a file.

        Args:
            data: Its content, or pieces of it, which are stored as they come.
            content_type: Its media type, such as ``image/png``; it is sent with the file.
            sha256: Digest in hexadecimal or base64; the file is stored only if its content has it.

        Raises:
            TypeError: ``data`` is not bytes.
            ValueError: ``content_type`` is none, ``sha256`` is none or does not match.
            OverloadedError: the file cannot be written, for example because the disk is full.
        """
        self._invocation.check_usable()
        file = await self._calls.files.receive(
            self._database,
            pieces(data),
            content_type=None if content_type is None else check_content_type(content_type),
            sha256=None if sha256 is None else parse_sha256(sha256),
        )
        return cast("Id[Storage]", file)

    async def get(self, id: Id[Storage], /) -> Blob | None:  # noqa: A002 - public name
        """The file of that id; ``None`` if there is none.

        Raises:
            InvalidIdError: the text is no id of a file.
        """
        file = await self._reading(lambda transaction: find_file(transaction, id))
        return None if file is None else Blob(file, self._calls.files)


def pieces(data: Any) -> AsyncIterable[bytes]:
    """The content of a file as pieces.

    Raises:
        TypeError: it is neither bytes nor gives pieces.
    """
    if isinstance(data, bytes | bytearray | memoryview):
        return _one(bytes(data))
    if not isinstance(data, AsyncIterable):
        raise TypeError(
            f"store() takes bytes, or an async iterable of bytes, not {type(data).__name__}: "
            'encode text with .encode(), read a file with open(path, "rb").read()'
        )
    return data


async def _one(piece: bytes) -> AsyncIterator[bytes]:
    yield piece
