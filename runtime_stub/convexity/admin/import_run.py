"""Importing documents: first all are checked, then all are written in one transaction."""

from __future__ import annotations

import asyncio
import base64
import itertools
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

from convexity.admin.import_source import FileRow, Row, Source, creation_time_problem
from convexity.database.creation_clock import CreationClock
from convexity.database.documents import SYSTEM_FIELDS
from convexity.database.limits import NO_LIMITS
from convexity.database.ranges import HIGHEST, LOWEST
from convexity.database.transaction import Transaction
from convexity.errors import ConvexityError, SchemaValidationError
from convexity.storage.files import DigestMismatchError
from convexity.storage.rows import STORAGE, delete_file, restore_file
from convexity.values import ValidationError
from convexity.values.ids import IdDecodeError, decode_id, new_id

if TYPE_CHECKING:
    from convexity.database.catalog import Catalog, CatalogTable
    from convexity.database.engine import WriteTransaction
    from convexity.functions.calls import Calls
    from convexity.storage.database import Database
    from convexity.storage.files import FileStorage

ImportMode: TypeAlias = Literal["requireEmpty", "append", "replace", "replaceAll"]
MODES: Final[tuple[ImportMode, ...]] = get_args(ImportMode)

_BATCH: Final = 200
_MAX_PROBLEMS: Final = 20
"""Problems that are listed; more are only counted."""
_MAX_COUNTED: Final = 1000
"""Problems after which nobody goes on reading."""


class ImportProblemsError(Exception):
    """Nothing was imported; the text lists why."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What was written."""

    written: int
    deleted: int


async def import_documents(calls: Calls, source: Source, mode: ImportMode) -> Imported:
    """Import all documents of a file, or none.

    Queries go on meanwhile; mutations wait while documents are written.

    Args:
        calls: What the deployment runs functions with.
        source: The file.
        mode: What happens to documents that are there: they must not be (``requireEmpty``), they
            stay (``append``), those of the imported tables go (``replace``), all go
            (``replaceAll``).

    Raises:
        ImportProblemsError: some documents cannot be imported, or the mode forbids it.
        SourceError: the file cannot be read.
    """
    catalog = calls.components.application.database
    tables = await asyncio.to_thread(_require_tables, source, catalog)
    await asyncio.to_thread(_require_valid, source, catalog)

    database = calls.database(calls.components.application)
    files = await asyncio.to_thread(source.files)
    taken: dict[str, FileRow] = {}

    async def work(store: WriteTransaction) -> Imported:
        store.note_no_keys()
        deleted = await _make_room(store, catalog, tables, mode)
        clock = CreationClock(store.timestamp)
        for key, file in taken.items():
            await _restore(Transaction(store, catalog, limits=NO_LIMITS), key, file)
        written = len(taken)
        rows = source.rows()
        while batch := await _next(rows):
            transaction = Transaction(store, catalog, limits=NO_LIMITS)
            for row in batch:
                await _write(transaction, catalog.table(row.table), row, clock)
            written += len(batch)
        return Imported(written, deleted)

    try:
        for file in files:
            taken[await _take(calls.files, database, source, file)] = file
        return (await calls.engine.write(work)).value
    except BaseException:
        for key in taken:
            calls.files.give_up(database, key)
        raise


async def _take(files: FileStorage, database: Database, source: Source, file: FileRow) -> str:
    """Store the bytes of a file; returns their UUID."""

    async def pieces() -> AsyncIterator[bytes]:
        content = source.pieces(file)
        while piece := await asyncio.to_thread(next, content, b""):
            yield piece

    digest = base64.b64decode(file.sha256)
    try:
        return await files.take(database, pieces(), sha256=digest)
    except DigestMismatchError as error:
        raise ImportProblemsError(f"{file.entry}: {error}, not that of its row") from None


async def _restore(transaction: Transaction, key: str, file: FileRow) -> None:
    document = {
        "_id": file.id,
        "_creationTime": file.creation_time,
        "sha256": file.sha256,
        "size": float(file.size),
        "contentType": file.content_type,
    }
    try:
        await restore_file(transaction, key, document)
    except ConvexityError as error:
        raise ImportProblemsError(f"{file.entry}: {error}") from None


def _require_tables(source: Source, catalog: Catalog) -> list[str]:
    """The tables that get documents; all are in the schema, with the numbers they had."""
    names = source.tables()
    problems = []
    for name in names:
        table = catalog.find(name)
        if name != STORAGE and (table is None or table.is_system):
            problems.append(f"there is no table {name!r} in the schema")
    for name, number in source.numbers().items():
        table = catalog.find(name)
        if name in names and table is not None and table.number != number:
            problems.append(
                f"table {name!r} has number {table.number} here and {number} in the file, so that "
                "its ids would mean other tables: import into a database that was made for it"
            )
    if problems:
        raise ImportProblemsError("\n".join(problems))
    return names


def _require_valid(source: Source, catalog: Catalog) -> None:
    problems: list[str] = []
    count = 0
    for row in source.rows():
        table = catalog.table(row.table)
        problem = row.problem or _problem(row.document or {}, table)
        if problem:
            count += 1
            problems.append(f"{row.place}: {problem}")
        if count >= _MAX_COUNTED:
            break
    if count:
        shown = problems[:_MAX_PROBLEMS]
        if count > len(shown):
            more = "at least " if count >= _MAX_COUNTED else ""
            shown.append(f"... and {more}{count - len(shown)} more")
        raise ImportProblemsError("\n".join(shown))


def _problem(document: dict[str, Any], table: CatalogTable) -> str:
    """Why a document cannot be stored in a table; empty if it can."""
    fields = {name: value for name, value in document.items() if name not in SYSTEM_FIELDS}
    if "_id" in document:
        try:
            number = decode_id(document["_id"]).table_number
        except (IdDecodeError, TypeError):
            return f"{document['_id']!r} is no id"
        if number != table.number:
            return f"the id {document['_id']} belongs to another table than {table.name!r}"
    if "_creationTime" in document:
        problem = creation_time_problem(document["_creationTime"])
        if problem:
            return problem
    try:
        checked = table.codec.validate(fields)
        table.codec.to_text({**checked, "_id": "0" * 32, "_creationTime": 0.0})
    except (ValidationError, SchemaValidationError) as error:
        return " ".join(str(error).split("\n"))
    return ""


async def _next(rows: Iterator[Row]) -> Sequence[Row]:
    """Read in a thread, which is done with the file before anybody else reads it."""
    reading = asyncio.ensure_future(asyncio.to_thread(lambda: list(itertools.islice(rows, _BATCH))))
    try:
        return await asyncio.shield(reading)
    except asyncio.CancelledError:  # as when the transaction has to run again
        await asyncio.wait({reading})
        raise


async def _write(
    transaction: Transaction, table: CatalogTable, row: Row, clock: CreationClock
) -> None:
    document = dict(row.document or {})
    created = document.pop("_creationTime", None)
    document_id = document.pop("_id", None)
    stored = table.codec.validate(document)
    stored["_creationTime"] = clock.next() if created is None else created
    stored["_id"] = document_id or new_id(table.number, clock.started_at)
    try:
        await transaction.restore(table, stored)
    except ConvexityError as error:
        raise ImportProblemsError(f"{row.place}: {error}") from None


async def _make_room(
    store: WriteTransaction, catalog: Catalog, imported: Sequence[str], mode: ImportMode
) -> int:
    """Delete what the mode says; returns how many documents."""
    names = list(imported)
    if mode == "replaceAll":
        names = [*(table.name for table in catalog.user_tables), STORAGE]
    if mode == "append":
        return 0
    filled = [name for name in names if await store.count(catalog.table(name).table)]
    if filled and mode == "requireEmpty":
        raise ImportProblemsError(
            f"there are documents in {', '.join(filled)}: say whether to replace them, or to append"
        )
    return sum([await _clear(store, catalog, name) for name in filled])


async def _clear(store: WriteTransaction, catalog: Catalog, name: str) -> int:
    table = catalog.table(name)
    deleted = 0
    while True:
        transaction = Transaction(store, catalog, limits=NO_LIMITS)
        rows = await transaction.scan(
            table, table.indexes["by_creation_time"], LOWEST, HIGHEST, limit=_BATCH
        )
        for row in rows:
            if name == STORAGE:
                await delete_file(transaction, row.document["_id"])
            else:
                await transaction.delete(row.document["_id"])
        deleted += len(rows)
        if len(rows) < _BATCH:
            return deleted
        await asyncio.sleep(0)
