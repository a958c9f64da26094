"""The rows of files: ``_storage``, which functions can read, and ``_files``, which they cannot."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from convexity.database.ranges import key_successor
from convexity.database.tables import Document
from convexity.database.transaction import Transaction
from convexity.database.transaction_reads import Row
from convexity.errors import DocumentNotFoundError, InvalidIdError
from convexity.values.ids import IdDecodeError, decode_id
from convexity.values.ordering import encode_key, key_after_prefix

if TYPE_CHECKING:
    from convexity.database.engine import Commit

FILES: Final = "_files"
STORAGE: Final = "_storage"

_BATCH: Final = 256
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file."""

    id: str
    """Id of its row in ``_storage``."""
    key: str
    """UUID of its bytes, and in its URL."""
    size: int
    sha256: str
    """Digest in base64."""
    content_type: str | None


def parse_key(text: str) -> str | None:
    """The UUID that a text is, in lower case; ``None`` if it is none."""
    key = text.lower()
    return key if _UUID.fullmatch(key) else None


async def begin_upload(transaction: Transaction, key: str, writer: str) -> None:
    """Note that ``writer`` is about to write bytes under ``key``."""
    await transaction.insert(FILES, {"key": key, "state": {"kind": "uploading", "writer": writer}})


async def record_file(
    transaction: Transaction, key: str, *, size: int, sha256: str, content_type: str | None
) -> str:
    """Make the bytes under ``key`` a file; returns its id."""
    row = await _row(transaction, "by_key", key)
    if row is None:
        raise DocumentNotFoundError(f"the upload {key} was given up")
    file = await transaction.insert(
        STORAGE, {"sha256": sha256, "size": float(size), "contentType": content_type}
    )
    await transaction.patch(row["_id"], {"state": {"kind": "stored", "file": file}})
    return file


async def restore_file(transaction: Transaction, key: str, document: Document) -> None:
    """Make the bytes under ``key`` the file of a row that brings its id along.

    Raises:
        DocumentExistsError: there is a file with that id.
        DocumentNotFoundError: the upload was given up.
    """
    row = await _row(transaction, "by_key", key)
    if row is None:
        raise DocumentNotFoundError(f"the upload {key} was given up")
    await transaction.restore(transaction.catalog.table(STORAGE), document)
    await transaction.patch(row["_id"], {"state": {"kind": "stored", "file": document["_id"]}})


async def give_up_upload(transaction: Transaction, key: str) -> None:
    """Note that the bytes under ``key`` are to be deleted, unless they became a file."""
    row = await _row(transaction, "by_key", key)
    if row is not None and row["state"]["kind"] == "uploading":
        await transaction.patch(row["_id"], {"state": {"kind": "discarded"}})


async def find_key(transaction: Transaction, file: str) -> str | None:
    """The UUID of a file, given by its id or its UUID; ``None`` if there is none.

    Raises:
        InvalidIdError: the text is neither.
    """
    row = await _stored_row(transaction, file)
    return None if row is None else str(row["key"])


async def find_file(transaction: Transaction, file: str) -> StoredFile | None:
    """A file, given by its id or its UUID; ``None`` if there is none.

    Raises:
        InvalidIdError: the text is neither.
    """
    row = await _stored_row(transaction, file)
    document = None if row is None else await transaction.get(row["state"]["file"])
    if row is None or document is None:
        return None
    return StoredFile(
        id=document["_id"],
        key=row["key"],
        size=int(document["size"]),
        sha256=document["sha256"],
        content_type=document.get("contentType"),
    )


async def delete_file(transaction: Transaction, file: str) -> None:
    """Delete a file, given by its id or its UUID; its bytes go after the commit.

    Raises:
        InvalidIdError: the text is neither.
        DocumentNotFoundError: there is no such file.
    """
    row = await _stored_row(transaction, file)
    if row is None:
        raise DocumentNotFoundError(f"storage id {file} not found")
    await transaction.delete(row["state"]["file"])
    await transaction.patch(row["_id"], {"state": {"kind": "discarded"}})


async def rows_in_state(transaction: Transaction, kind: str, after: bytes) -> list[Row]:
    """Some rows of ``_files`` in that state, in an order; those behind the key ``after``."""
    table = transaction.catalog.table(FILES)
    prefix = encode_key((kind,))
    lower = max(prefix, key_successor(after))
    return await transaction.scan(
        table, table.indexes["by_state"], lower, key_after_prefix(prefix), limit=_BATCH
    )


async def forget(transaction: Transaction, rows: Sequence[str]) -> None:
    """Remove rows of bytes that are deleted, given by their ids; others may have done so."""
    for document_id in rows:
        current = await transaction.get(document_id)
        if current is not None and current["state"]["kind"] != "stored":
            await transaction.delete(document_id)


def discards_bytes(commit: Commit) -> bool:
    """Whether a commit may have left bytes to be deleted."""
    prefix = encode_key(("discarded",))
    return not commit.is_complete or any(
        key.startswith(prefix)
        for (table, index), keys in commit.writes.keys.items()
        if index == "by_state" and table.rpartition("/")[2] == FILES
        for key in keys
    )


async def _stored_row(transaction: Transaction, file: Any) -> Document | None:
    key = parse_key(file) if isinstance(file, str) else None
    if key is None:
        return await _row(transaction, "by_file", _checked_id(transaction, file))
    row = await _row(transaction, "by_key", key)
    return row if row is not None and row["state"]["kind"] == "stored" else None


def _checked_id(transaction: Transaction, text: Any) -> str:
    try:
        number = decode_id(text).table_number
    except (IdDecodeError, TypeError):
        raise InvalidIdError(f'Invalid storage ID: "{text}"') from None
    if number != transaction.catalog.table(STORAGE).number:
        raise InvalidIdError(
            f'Invalid storage ID: "{text}". Storage ID cannot be an ID on any table other than '
            "'_storage'"
        )
    return str(text)


async def _row(transaction: Transaction, index: str, value: str) -> Document | None:
    table = transaction.catalog.table(FILES)
    prefix = encode_key((value,))
    rows = await transaction.scan(
        table, table.indexes[index], prefix, key_after_prefix(prefix), limit=1
    )
    return rows[0].document if rows else None
