"""Taking files in and handing them out."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import AsyncGenerator, AsyncIterable
from contextvars import Context
from datetime import datetime
from typing import Final
from urllib.parse import quote
from uuid import uuid4

from convexity.database.file_writers import Writers
from convexity.database.transaction import Transaction
from convexity.storage.byte_store import ByteStore
from convexity.storage.content import Measured
from convexity.storage.database import Database, write
from convexity.storage.rows import (
    StoredFile,
    begin_upload,
    give_up_upload,
    record_file,
)
from convexity.storage.threads import FileThreads
from convexity.storage.tokens import UploadTokens

_logger: Final = logging.getLogger(__name__)


class DigestMismatchError(ValueError):
    """The content of a file has not the digest that was announced."""


class FileStorage:
    """The files of a backend: where their bytes lie, and under which addresses.

    Bytes and rows cannot change together, so a row of ``_files`` comes before the first byte and
    goes after the last. Whatever ends a process in between, the row tells what to delete.

    Attributes:
        store: Where the bytes lie.
        writers: The processes that write there for the same database.
        tokens: Those of upload URLs.
    """

    def __init__(self, store: ByteStore, *, writers: Writers, secret: bytes, address: str) -> None:
        """Take what files need.

        Args:
            store: Where the bytes lie.
            writers: The processes that share the database.
            secret: Signs upload URLs; the same for all of them.
            address: That of the backend, without a slash at the end.
        """
        self.store: Final = store
        self.writers: Final = writers
        self.tokens: Final = UploadTokens(secret)
        self._address = address
        self._threads = FileThreads()
        self._clearing: set[asyncio.Task[None]] = set()

    def url(self, key: str, component: str = "") -> str:
        """Address of a file of a component, given by its UUID."""
        owner = f"?component={quote(component, safe='')}" if component else ""
        return f"{self._address}/api/storage/{key}{owner}"

    def upload_url(self, now: datetime, component: str = "") -> str:
        """Address to which files for a component can be posted within an hour from ``now``."""
        token = self.tokens.issue(now, component)
        owner = f"&component={quote(component, safe='')}" if component else ""
        return f"{self._address}/api/storage/upload?token={token}{owner}"

    async def receive(
        self,
        database: Database,
        pieces: AsyncIterable[bytes],
        *,
        content_type: str | None,
        sha256: bytes | None,
    ) -> str:
        """Store a file and return its id; if this fails, nothing stays.

        Args:
            database: Where its row goes.
            pieces: Its content.
            content_type: Its media type, checked.
            sha256: The digest that the content must have; ``None``: any.

        Raises:
            DigestMismatchError: it has another.
            OverloadedError: the store does not take it.
        """
        key = str(uuid4())
        await write(database, lambda transaction: begin_upload(transaction, key, self.writers.own))
        try:
            measured = Measured(pieces, self._threads)
            await self.store.write(key, measured)
            if sha256 not in (None, measured.sha256):
                raise DigestMismatchError(
                    f"the content has the SHA-256 digest {measured.sha256.hex()}, not the "
                    "announced one"
                )

            async def record(transaction: Transaction) -> str:
                return await record_file(
                    transaction,
                    key,
                    size=measured.size,
                    sha256=base64.b64encode(measured.sha256).decode(),
                    content_type=content_type,
                )

            return await write(database, record)
        except BaseException:
            self.give_up(database, key)
            raise

    async def take(self, database: Database, pieces: AsyncIterable[bytes], *, sha256: bytes) -> str:
        """Store bytes that :func:`~convexity.storage.rows.restore_file` makes a file later.

        What does not become one is to be given to :meth:`give_up`.

        Args:
            database: Where the row of the bytes goes.
            pieces: The bytes.
            sha256: The digest that they must have.

        Returns:
            the UUID under which they lie.

        Raises:
            DigestMismatchError: they have another digest.
            OverloadedError: the store does not take them.
        """
        key = str(uuid4())
        await write(database, lambda transaction: begin_upload(transaction, key, self.writers.own))
        try:
            measured = Measured(pieces, self._threads)
            await self.store.write(key, measured)
            if measured.sha256 != sha256:
                raise DigestMismatchError(f"it has the SHA-256 digest {measured.sha256.hex()}")
        except BaseException:
            self.give_up(database, key)
            raise
        return key

    def read(
        self, file: StoredFile, start: int = 0, stop: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        """The bytes of a file, or of a part of it.

        Raises:
            MissingBytesError: with the first piece, if it was deleted meanwhile.
        """
        return self.store.read(file.key, start, file.size if stop is None else stop)

    async def close(self) -> None:
        """Wait for what is given up just now, and release everything."""
        await asyncio.gather(*self._clearing)
        await self.store.close()
        self.discard()

    def discard(self) -> None:
        """Release what is not the store's, with or without an event loop."""
        self._threads.close()
        self.writers.close()

    def give_up(self, database: Database, key: str) -> None:
        """Have the bytes of a failed upload deleted, even if the task of the upload is ending."""

        async def give_up() -> None:
            try:
                await write(database, lambda transaction: give_up_upload(transaction, key))
            except Exception:
                _logger.exception("What was uploaded as %s is deleted at the next start", key)

        # It must not belong to the function that stored the file, and end with it.
        task = Context().run(asyncio.ensure_future, give_up())
        self._clearing.add(task)
        task.add_done_callback(self._clearing.discard)
