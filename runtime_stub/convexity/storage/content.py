"""What a file is: its size and digest, found while its bytes pass; its media type."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import AsyncIterable, AsyncIterator
from typing import Final

from convexity.storage.threads import FileThreads

_JOINED: Final = 1024 * 1024
"""Bytes from which pieces are passed on; the many small ones of a request become few."""
_INLINE: Final = 64 * 1024
"""Bytes up to which a digest takes less time than the way to another thread."""
_TOKEN: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_CONTENT_TYPE: Final = re.compile(rf"{_TOKEN}/{_TOKEN}(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?")
_MAX_CONTENT_TYPE: Final = 1024


class Measured:
    """Pieces of a file, joined, with the size and the digest of what passed."""

    def __init__(self, pieces: AsyncIterable[bytes], threads: FileThreads) -> None:
        """Take the pieces, and where a digest is computed."""
        self._pieces = pieces
        self._threads = threads
        self._digest = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> bytes:
        """Digest of what passed."""
        return self._digest.digest()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The pieces, once.

        Raises:
            TypeError: a piece is no bytes.
        """
        waiting: list[bytes] = []
        length = 0
        async for piece in self._pieces:
            if not isinstance(piece, bytes | bytearray | memoryview):
                raise TypeError(
                    f"a file consists of bytes, not of {type(piece).__name__}: encode text, read "
                    "what is in a file"
                )
            waiting.append(bytes(piece))
            length += len(waiting[-1])
            if length >= _JOINED:
                yield await self._passed(waiting)
                waiting, length = [], 0
        if length:
            yield await self._passed(waiting)

    async def _passed(self, pieces: list[bytes]) -> bytes:
        joined = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        self.size += len(joined)
        if len(joined) <= _INLINE:
            self._digest.update(joined)
        else:
            await self._threads.run(self._digest.update, joined)
        return joined


def parse_sha256(text: str) -> bytes:
    """A SHA-256 digest, written in hexadecimal or in base64.

    Raises:
        ValueError: it is neither.
    """
    try:
        digest = bytes.fromhex(text) if len(text) == 64 else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        digest = b""
    if len(digest) != hashlib.sha256().digest_size:
        raise ValueError(
            f"{text!r} is no SHA-256 digest: expected 64 hexadecimal digits, or the base64 text "
            "of 32 bytes"
        )
    return digest


def check_content_type(text: str) -> str:
    """A media type as it may stand in a header, such as ``image/png``.

    Raises:
        ValueError: it is none, or too long.
    """
    if len(text) > _MAX_CONTENT_TYPE or not _CONTENT_TYPE.fullmatch(text):
        raise ValueError(
            f"{text[:80]!r} is no content type: expected something like `image/png` or "
            "`text/plain; charset=utf-8`"
        )
    return text
