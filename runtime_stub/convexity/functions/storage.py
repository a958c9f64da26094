"""``ctx.storage``: declared for type checkers; files are not stored by this version."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from typing import TYPE_CHECKING, NoReturn

from convexity.errors import NotAvailableError
from convexity.values import Id

if TYPE_CHECKING:
    from convexity.database.system_tables import Storage

CHUNK_SIZE = 64 * 1024
"""Bytes per chunk of :meth:`Blob.chunks` unless told otherwise."""


class Blob:
    """A stored file."""

    __slots__ = ("content_type", "size")

    def __init__(self, *, size: int, content_type: str | None) -> None:
        self.size = size
        self.content_type = content_type

    async def read(self) -> bytes:
        """The whole content."""
        _not_available("reading a stored file")

    def chunks(self, size: int = CHUNK_SIZE, /) -> AsyncIterator[bytes]:
        """The content in pieces of at most ``size`` bytes."""
        _not_available(f"reading a stored file in chunks of {size} bytes")


class StorageReader:
    """``ctx.storage`` of queries."""

    __slots__ = ()

    async def get_url(self, id: Id[Storage], /) -> str | None:  # noqa: A002 - public name
        """Address at which the file can be fetched; ``None`` if there is none of that id."""
        _not_available(f"ctx.storage.get_url({id!r})")


class StorageWriter(StorageReader):
    """``ctx.storage`` of mutations."""

    __slots__ = ()

    async def generate_upload_url(self) -> str:
        """Address to which a client may post one file."""
        _not_available("ctx.storage.generate_upload_url()")

    async def delete(self, id: Id[Storage], /) -> None:  # noqa: A002 - public name
        """Delete a file."""
        _not_available(f"ctx.storage.delete({id!r})")


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
        """Store a file; with ``sha256``, only if its content has that digest."""
        del data, sha256
        _not_available(f"ctx.storage.store(content_type={content_type!r})")

    async def get(self, id: Id[Storage], /) -> Blob | None:  # noqa: A002 - public name
        """The file of that id."""
        _not_available(f"ctx.storage.get({id!r})")


def _not_available(what: str) -> NoReturn:
    raise NotAvailableError(
        f"{what} needs file storage, which this version of the runtime does not have yet"
    )
