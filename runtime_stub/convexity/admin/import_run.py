"""Importing documents: first all are checked, then all are written in one transaction."""

from __future__ import annotations

import asyncio
import base64
import itertools
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

from convexity.admin.archive_layout import TablePlace
from convexity.admin.import_plan import ImportPlan, ImportProblemsError, plan_import
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
    databases = {component.path: calls.database(component) for component in calls.components}
    catalogs = {path: database.database for path, database in databases.items()}
    plan = await asyncio.to_thread(plan_import, source, catalogs)
    await asyncio.to_thread(_require_valid, source, plan)
    files = await asyncio.to_thread(source.files)
    _require_valid_files(files, plan)
    taken: dict[str, FileRow] = {}

    async def work(store: WriteTransaction) -> Imported:
        store.note_no_keys()
        deleted = await _make_room(store, plan, mode)
        await plan.renumber(store)
        clock = CreationClock(store.timestamp)
        for key, file in taken.items():
            catalog = plan.catalogs[file.component]
            await _restore(Transaction(store, catalog, limits=NO_LIMITS), key, file)
        written = len(taken)
        rows = source.rows()
        while batch := await _next(rows):
            transactions = {
                component: Transaction(store, catalog, limits=NO_LIMITS)
                for component, catalog in plan.catalogs.items()
            }
            for row in batch:
                await _write(transactions[row.table.component], plan.table(row.table), row, clock)
            written += len(batch)
        return Imported(written, deleted)

    try:
        for file in files:
            key = await _take(calls.files, databases[file.component], source, file)
            taken[key] = file
        return (await calls.engine.write(work)).value
    except BaseException:
        for key, file in taken.items():
            calls.files.give_up(databases[file.component], key)
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


def _require_valid_files(files: Sequence[FileRow], plan: ImportPlan) -> None:
    """Refuse files whose ids are of something else."""
    for file in files:
        number = plan.table(TablePlace(file.component, STORAGE)).number
        if decode_id(file.id).table_number != number:
            raise ImportProblemsError(f"{file.entry}: its id is that of something else")


def _require_valid(source: Source, plan: ImportPlan) -> None:
    problems: list[str] = []
    count = 0
    for row in source.rows():
        table = plan.table(row.table)
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


async def _make_room(store: WriteTransaction, plan: ImportPlan, mode: ImportMode) -> int:
    """Delete what the mode says; returns how many documents."""
    if mode == "append":
        return 0
    places = list(plan.places)
    if mode == "replaceAll":
        places = [
            TablePlace(component, name)
            for component, catalog in plan.current.items()
            for name in (*(table.name for table in catalog.user_tables), STORAGE)
        ]
    filled = [
        place
        for place in places
        if await store.count(plan.current[place.component].table(place.table).table)
    ]
    if filled and mode == "requireEmpty":
        raise ImportProblemsError(
            f"there are documents in {', '.join(map(str, filled))}: say whether to replace them, "
            "or to append"
        )
    return sum(
        [await _clear(store, plan.current[place.component], place.table) for place in filled]
    )


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
