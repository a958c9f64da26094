"""Bytes in a local folder."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncGenerator, AsyncIterable
from pathlib import Path
from typing import IO, Final

from convexity.errors import OverloadedError
from convexity.storage.byte_store import PIECE, MissingBytesError
from convexity.storage.threads import FileThreads

_PART: Final = ".part"
"""Ending of a file that is being written."""


class FolderStore:
    """A :class:`~convexity.storage.byte_store.ByteStore` in a folder.

    The bytes of key ``ab...`` lie in ``ab/ab...``. They are written to a file beside, which gets
    its name when it is complete and on disk.
    """

    def __init__(self, folder: Path) -> None:
        """Take the folder, which is created when missing.

        Raises:
            OSError: it cannot be.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._threads = FileThreads()

    async def write(self, key: str, pieces: AsyncIterable[bytes], /) -> None:
        """Store all pieces durably, or nothing that can be read.

        Raises:
            OverloadedError: the folder does not take them, for example because the disk is full.
        """
        path = self._path(key)
        file = await self._threads.run(_create, path)
        try:
            async for piece in pieces:
                await self._threads.run(_append, file, piece)
            await self._threads.run(_complete, file, path)
        except BaseException:
            await self._threads.run(_abandon, file, path)
            raise

    async def read(self, key: str, start: int, stop: int, /) -> AsyncGenerator[bytes, None]:
        """The bytes of a range.

        Raises:
            MissingBytesError: there are none of that key.
        """
        file = await self._threads.run(_open, self._path(key), start)
        try:
            while start < stop:
                piece = await self._threads.run(file.read, min(PIECE, stop - start))
                if not piece:
                    raise MissingBytesError(f"{file.name} ends at byte {start}")
                start += len(piece)
                yield piece
        finally:
            file.close()

    async def delete(self, key: str, /) -> None:
        """Remove what is there under ``key``."""
        await self._threads.run(_remove, self._path(key))

    async def close(self) -> None:
        """End the threads."""
        self._threads.close()

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key


def _create(path: Path) -> IO[bytes]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.with_suffix(_PART).open("xb", buffering=0)
    except OSError as error:
        raise _refusal(error) from error


def _append(file: IO[bytes], piece: bytes) -> None:
    rest = memoryview(piece)
    try:
        while rest:
            rest = rest[file.write(rest) :]
    except OSError as error:
        raise _refusal(error) from error


def _complete(file: IO[bytes], path: Path) -> None:
    try:
        os.fsync(file.fileno())
        file.close()
        os.replace(path.with_suffix(_PART), path)
        _sync_folder(path.parent)
        _sync_folder(path.parent.parent)
    except OSError as error:
        raise _refusal(error) from error


def _sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system can."""
    with contextlib.suppress(PermissionError, NotImplementedError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _abandon(file: IO[bytes], path: Path) -> None:
    file.close()
    path.with_suffix(_PART).unlink(missing_ok=True)


def _open(path: Path, start: int) -> IO[bytes]:
    try:
        file = path.open("rb", buffering=0)
    except FileNotFoundError:
        raise MissingBytesError(f"there is no {path}") from None
    file.seek(start)
    return file


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.with_suffix(_PART).unlink(missing_ok=True)


def _refusal(error: OSError) -> OverloadedError:
    return OverloadedError(f"the file cannot be stored: {error.strerror or error}")
