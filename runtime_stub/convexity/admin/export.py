"""Exporting all documents of one snapshot as a zip file, made while it is sent."""

from __future__ import annotations

import asyncio
import io
import time
import zipfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson

from convexity.admin.archive_layout import TablePlace, folder_of, numbers_of
from convexity.database.ranges import HIGHEST, LOWEST, key_successor
from convexity.database.transaction import Transaction
from convexity.storage.rows import STORAGE, find_file

if TYPE_CHECKING:
    from convexity.database.catalog import Catalog, CatalogTable
    from convexity.database.engine import Engine, Snapshot
    from convexity.storage.files import FileStorage
    from convexity.storage.rows import StoredFile

_BATCH: Final = 200
"""Documents that are read at once."""


@dataclass(frozen=True, slots=True)
class ExportedComponent:
    """What is exported of the application, or of a component."""

    component: str
    """Its path; empty for the application."""
    catalog: Catalog
    tables: Sequence[str]
    """Names of the tables, in order."""
    files: FileStorage | None
    """Where its stored files lie; ``None``: without them."""


async def export_zip(
    engine: Engine, components: Sequence[ExportedComponent]
) -> AsyncGenerator[bytes, None]:
    """Pieces of the zip file; it holds the state at the time of the first one.

    Args:
        engine: the database.
        components: what to export of it, in this order.

    Raises:
        MissingBytesError: a file was deleted while the export went on.
    """
    async with engine.snapshot() as snapshot:
        sink = _Sink()
        made_at = time.gmtime(snapshot.timestamp / 1e9)[:6]
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            for exported in components:
                async for piece in _component(archive, sink, snapshot, exported, made_at):
                    yield piece
        yield sink.taken()


async def _component(
    archive: zipfile.ZipFile,
    sink: _Sink,
    snapshot: Snapshot,
    exported: ExportedComponent,
    made_at: tuple[int, ...],
) -> AsyncGenerator[bytes, None]:
    component, catalog = exported.component, exported.catalog
    # That of the application's files is the same everywhere.
    numbered = [*exported.tables, *([STORAGE] if component and exported.files else [])]
    numbers = ({"name": name, "id": catalog.table(name).number} for name in numbered)
    lines = b"".join(orjson.dumps(number) + b"\n" for number in numbers)
    archive.writestr(_entry(numbers_of(component), made_at), lines)
    for name in exported.tables:
        info = _entry(TablePlace(component, name).entry, made_at)
        with archive.open(info, "w", force_zip64=True) as file:
            async for batch in _texts(snapshot, catalog.table(name)):
                yield await asyncio.to_thread(_written, file.write, batch, sink)
    if exported.files is not None:
        async for piece in _stored_files(
            archive, sink, snapshot, exported, exported.files, made_at
        ):
            yield piece


async def _stored_files(
    archive: zipfile.ZipFile,
    sink: _Sink,
    snapshot: Snapshot,
    exported: ExportedComponent,
    files: FileStorage,
    made_at: tuple[int, ...],
) -> AsyncGenerator[bytes, None]:
    """Write the rows of files, then the bytes of each."""
    catalog = exported.catalog
    place = TablePlace(exported.component, STORAGE)
    found: list[StoredFile] = []
    lines: list[str] = []
    async for batch in _texts(snapshot, catalog.table(STORAGE)):
        for text in batch:
            document_id = orjson.loads(text)["_id"]
            file = await find_file(Transaction(snapshot, catalog), document_id)
            if file is not None:
                found.append(file)
                lines.append(f"{text}\n")
    archive.writestr(_entry(place.entry, made_at), "".join(lines))
    for file in found:
        info = _entry(f"{folder_of(place.component)}{STORAGE}/{file.id}", made_at)
        info.compress_type = zipfile.ZIP_STORED  # Most files are compressed already.
        with archive.open(info, "w", force_zip64=True) as entry:
            async with aclosing(files.read(file)) as pieces:
                async for piece in pieces:
                    await asyncio.to_thread(entry.write, piece)
                    yield sink.taken()


def _entry(name: str, made_at: tuple[int, ...]) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, made_at)  # type: ignore[arg-type]  # six numbers
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _written(write: Callable[[bytes], object], texts: list[str], sink: _Sink) -> bytes:
    """Compress documents; what came out of it, which may be nothing yet."""
    write("".join(f"{text}\n" for text in texts).encode())
    return sink.taken()


async def _texts(snapshot: Snapshot, table: CatalogTable) -> AsyncIterator[list[str]]:
    """The documents of a table by creation time, as they are stored."""
    lower = LOWEST
    while True:
        found = await snapshot.scan(
            table.indexes["by_creation_time"], lower, HIGHEST, order="asc", limit=_BATCH
        )
        if found:
            yield [text for _, text in found]
        if len(found) < _BATCH:
            return
        lower = key_successor(found[-1][0])


class _Sink(io.RawIOBase):
    """A file that can only be written, and gives away what was."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: bytes | bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Take a piece."""
        self._pieces.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """What was written since the last time."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
