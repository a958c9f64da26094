"""Where the bytes of files lie; what they are is known to the database alone."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable
from typing import Final, Protocol

from convexity.errors import ConvexityError

PIECE: Final = 256 * 1024
"""Bytes that a store hands out at a time."""


class MissingBytesError(ConvexityError):
    """The bytes of a file are not where they should be: it was deleted meanwhile, or lost."""


class ByteStore(Protocol):
    """Bytes under keys, which are UUIDs. What is written once does not change."""

    async def write(self, key: str, pieces: AsyncIterable[bytes], /) -> None:
        """Store all pieces durably, or nothing that can be read.

        If ``pieces`` raises, the exception is raised here. When this returns, however it does,
        nothing of it goes on in the background.
        """
        ...

    def read(self, key: str, start: int, stop: int, /) -> AsyncGenerator[bytes, None]:
        """The bytes from ``start`` up to ``stop``, in pieces of about :data:`PIECE`.

        Raises:
            MissingBytesError: with the first piece, if there are none of that key.
        """
        ...

    async def delete(self, key: str, /) -> None:
        """Remove what is there under ``key``, whole or partly written; nothing is fine too."""
        ...

    async def close(self) -> None:
        """Release everything."""
        ...
