"""Bytes in a bucket of an S3-compatible object store."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from contextvars import Context
from datetime import timedelta
from typing import Any, Final

from obstore.exceptions import BaseError
from obstore.store import S3Store

from convexity.errors import OverloadedError
from convexity.storage.byte_store import MissingBytesError
from convexity.storage.waiting import until_done

_PART: Final = 8 * 1024 * 1024
"""Bytes of one part of an upload, of which S3 allows 10,000."""
_PARALLEL: Final = 2
"""Parts of one upload that are sent at once, each of which is in memory."""
_READ: Final = 4 * 1024 * 1024
"""Bytes of one request for a part of a file, all in memory."""
_REQUEST_TIME: Final = timedelta(minutes=2)
"""Time in which a part must have passed."""
_ENDPOINTS: Final = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")

_logger: Final = logging.getLogger(__name__)


class BucketStore:
    """A :class:`~convexity.storage.byte_store.ByteStore` in a bucket.

    Credentials, region and endpoint come from the environment, as ``AWS_ACCESS_KEY_ID``,
    ``AWS_SECRET_ACCESS_KEY``, ``AWS_REGION``, ``AWS_ENDPOINT_URL`` and others of that family.
    """

    def __init__(self, address: str) -> None:
        """Take the address, ``s3://bucket`` or ``s3://bucket/prefix``.

        Raises:
            ValueError: the configuration cannot be used.
        """
        endpoint = next((os.environ[name] for name in _ENDPOINTS if os.environ.get(name)), "")
        try:
            self._store = S3Store.from_url(
                address,
                client_options={
                    "allow_http": endpoint.startswith("http://"),
                    "timeout": _REQUEST_TIME,
                },
            )
        except BaseError as error:
            raise ValueError(_summary(error)) from error

    async def write(self, key: str, pieces: AsyncIterable[bytes], /) -> None:
        """Store all pieces, or nothing that can be read.

        Raises:
            OverloadedError: the bucket does not take them.
        """
        rest = aiter(pieces)
        begin, is_whole = await _beginning(rest)
        try:
            if is_whole:
                await self._store.put_async(key, begin, use_multipart=False)
            else:
                await self._write_parts(key, begin, rest)
        except BaseError as error:
            raise _refusal("does not take a file", key, error) from error

    async def _write_parts(self, key: str, begin: bytes, rest: AsyncIterator[bytes]) -> None:
        """Store a file in parts, of which the bucket forgets all if not all come.

        The upload runs in a task that is never cancelled: it would leave its parts in the bucket,
        unseen. It is told of a failure instead.
        """
        pieces = _Handover()
        upload = Context().run(
            asyncio.ensure_future,
            self._store.put_async(
                key,
                pieces,
                use_multipart=True,
                chunk_size=_PART,
                max_concurrency=_PARALLEL,
            ),
        )
        try:
            await pieces.offer(begin, upload)
            async for piece in rest:
                await pieces.offer(piece, upload)
            await pieces.offer(None, upload)
        except BaseException as error:
            pieces.fail(error)
            with contextlib.suppress(Exception):
                await until_done(upload)
            raise
        await until_done(upload)

    async def read(self, key: str, start: int, stop: int, /) -> AsyncGenerator[bytes, None]:
        """The bytes of a range, by requests of their own: a slow reader keeps none waiting.

        Raises:
            MissingBytesError: there are none of that key.
            OverloadedError: the bucket does not give them.
        """
        for place in range(start, stop, _READ):
            try:
                piece = await self._store.get_range_async(
                    key, start=place, end=min(place + _READ, stop)
                )
            except FileNotFoundError:
                raise MissingBytesError(f"there are no bytes under {key}") from None
            except BaseError as error:
                raise _refusal("does not give a file", key, error) from error
            yield bytes(piece)

    async def delete(self, key: str, /) -> None:
        """Remove what is there under ``key``.

        Raises:
            OverloadedError: the bucket does not let it go.
        """
        try:
            await self._store.delete_async(key)
        except FileNotFoundError:
            return
        except BaseError as error:
            raise _refusal("keeps a file", key, error) from error

    async def close(self) -> None:
        """Nothing to release."""


async def _beginning(pieces: AsyncIterator[bytes]) -> tuple[bytes, bool]:
    """The first part of a file, and whether that is all of it: then one request will do."""
    found: list[bytes] = []
    size = 0
    async for piece in pieces:
        found.append(piece)
        size += len(piece)
        if size > _PART:
            return b"".join(found), False
    return b"".join(found), True


class _Handover:
    """Hands pieces from the task that has them to the one that uploads them."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[bytes | BaseException | None] = asyncio.Queue(1)

    async def offer(self, piece: bytes | None, upload: asyncio.Future[Any]) -> None:
        """Wait until a piece, or ``None`` for the end, is taken, or the upload has failed.

        Raises:
            BaseError: the upload has failed.
        """
        offer = asyncio.ensure_future(self._queue.put(piece))
        try:
            await asyncio.wait({offer, upload}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            offer.cancel()
        if upload.done():
            upload.result()

    def fail(self, error: BaseException) -> None:
        """Have the upload end with an error, whatever it has not taken yet."""
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(error)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (piece := await self._queue.get()) is not None:
            if isinstance(piece, BaseException):
                raise OSError("the upload was given up") from piece
            yield piece


def _refusal(what: str, key: str, error: BaseError) -> OverloadedError:
    """The error for the caller; the log has what only the operator should know."""
    _logger.error("The bucket %s, %s: %s", what, key, _summary(error))
    return OverloadedError(f"the bucket {what} now; the server's log says why")


def _summary(error: Exception) -> str:
    """What went wrong; the library's own text goes on with its insides."""
    return str(error).partition("\n")[0]
