"""Bytes in memory, for backends that live as long as a test."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable

from convexity.storage.byte_store import PIECE, MissingBytesError


class MemoryStore:
    """A :class:`~convexity.storage.byte_store.ByteStore` that forgets everything at its end."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._contents: dict[str, bytes] = {}

    async def write(self, key: str, pieces: AsyncIterable[bytes], /) -> None:
        """Keep all pieces."""
        self._contents[key] = b"".join([piece async for piece in pieces])

    async def read(self, key: str, start: int, stop: int, /) -> AsyncGenerator[bytes, None]:
        """The bytes of a range.

        Raises:
            MissingBytesError: there are none of that key.
        """
        if key not in self._contents:
            raise MissingBytesError(f"there are no bytes under {key}")
        content = self._contents[key]
        for place in range(start, stop, PIECE):
            yield content[place : min(place + PIECE, stop)]

    async def delete(self, key: str, /) -> None:
        """Forget what is there under ``key``."""
        self._contents.pop(key, None)

    async def close(self) -> None:
        """Nothing to release."""
