"""Reading one page of a query (wire-protocol 7.3)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from convexity.database.cursors import END, Position
from convexity.database.pagination import PaginationOptions, PaginationResult
from convexity.database.ranges import key_successor
from convexity.database.selection import Selection
from convexity.database.tables import Document
from convexity.errors import InvalidCursorError
from convexity.values.limits import MAX_BYTES_READ, MAX_DOCUMENTS_READ

_SPLIT_SHARE: Final = 0.75
"""Share of a budget from which a page should be split."""
_SPLIT_LENGTH: Final = 6144
"""Length from which a page should be split."""
_SMALLEST_SPLIT: Final = 3
"""Documents that a page must have read to be split."""
_BATCH: Final = 256


@dataclass(frozen=True, slots=True)
class _Request:
    """Checked options of a page."""

    start: Position | None
    end: Position | None
    """A pinned end; then the other bounds are infinite."""
    items: float
    rows: float
    bytes: float


class _Reading:
    """A page as it grows."""

    __slots__ = ("bytes", "keys", "page")

    def __init__(self) -> None:
        self.page: list[Document] = []
        self.keys: list[bytes] = []
        """Keys of all documents read, before conditions."""
        self.bytes = 0


async def paginate(selection: Selection, options: PaginationOptions) -> PaginationResult[Document]:
    """Read one page.

    Raises:
        InvalidCursorError: a cursor does not belong to the query.
        ValueError: an option is out of range, or the function read a page already.
    """
    transaction = selection.transaction
    if transaction.paginated:
        raise ValueError(
            "this function read a page already; one function can call paginate() once: "
            "use take() for the other query, or another function"
        )
    transaction.paginated = True
    fingerprint = selection.fingerprint()
    cursors = transaction.catalog.cursors
    request = _check_options(selection, options, fingerprint)
    reading = _Reading()
    stopped = await _read(_narrowed(selection, request), request, reading)
    if request.end is not None:
        position = request.end
    elif stopped:
        position = Position(reading.keys[-1])
    else:
        position = END
    transaction.journal_out = continue_cursor = cursors.encode(position, fingerprint)
    split: str | None = None
    if selection.can_split and len(reading.keys) >= _SMALLEST_SPLIT:
        middle = Position(reading.keys[len(reading.keys) // 2])
        split = cursors.encode(middle, fingerprint)
    return {
        "page": reading.page,
        "isDone": position == END,
        "continueCursor": continue_cursor,
        "splitCursor": split,
        "pageStatus": _status(request, reading, stopped=stopped),
    }


async def _read(selection: Selection, request: _Request, reading: _Reading) -> bool:
    """Read until the page is full or a budget is used up, which is the answer, or to the end."""
    if request.start == END:
        return False
    scan = selection.scan()
    while not scan.exhausted:
        missing = request.items - len(reading.page)
        batch = min(max(missing, _BATCH if selection.filters else 0), _BATCH)
        for row in await scan.fetch(int(min(batch, request.rows - len(reading.keys)))):
            reading.keys.append(row.key)
            reading.bytes += row.size
            if selection.accepts(row.document):
                reading.page.append(row.document)
            if (
                len(reading.page) >= request.items
                or len(reading.keys) >= request.rows
                or reading.bytes >= request.bytes
            ):
                return True
    return False


def _status(
    request: _Request, reading: _Reading, *, stopped: bool
) -> Literal["SplitRecommended", "SplitRequired"] | None:
    if stopped and len(reading.page) < request.items:
        return "SplitRequired"
    rows = min(request.rows, MAX_DOCUMENTS_READ)
    size = min(request.bytes, MAX_BYTES_READ)
    if (
        len(reading.keys) > _SPLIT_SHARE * rows
        or reading.bytes > _SPLIT_SHARE * size
        or len(reading.page) > _SPLIT_LENGTH
    ):
        return "SplitRecommended"
    return None


def _narrowed(selection: Selection, request: _Request) -> Selection:
    """The part of the query's range after the start and up to the end."""
    lower, upper = selection.lower, selection.upper
    start = request.start.key if request.start else None
    end = request.end.key if request.end else None
    if selection.order == "asc":
        lower = lower if start is None else max(lower, key_successor(start))
        upper = upper if end is None else min(upper, key_successor(end))
    else:
        upper = upper if start is None else min(upper, start)
        lower = lower if end is None else max(lower, end)
    return selection.changed(lower=lower, upper=upper)


def _check_options(
    selection: Selection, options: PaginationOptions, fingerprint: bytes
) -> _Request:
    if not isinstance(options, Mapping):
        raise TypeError(
            f"paginate() takes the pagination options as a dict, not {type(options).__name__}"
        )
    decode = selection.transaction.catalog.cursors.decode
    given: dict[str, Any] = dict(options)
    cursor, end_cursor = given.get("cursor"), given.get("endCursor")
    items = _number(given, "numItems", required=True)
    if items < 1:
        raise ValueError("Must request at least 1 document while paginating")
    if items > MAX_DOCUMENTS_READ:
        raise ValueError(
            f"numItems is {items:.0f}, but a page has at most {MAX_DOCUMENTS_READ} documents"
        )
    rows = _number(given, "maximumRowsRead")
    size = _number(given, "maximumBytesRead")
    start = None if cursor is None else decode(_text(cursor, "cursor"), fingerprint)
    if end_cursor is not None:
        end: Position | None = decode(_text(end_cursor, "endCursor"), fingerprint)
    else:
        end = _journaled_end(selection, fingerprint)
    if end is not None:
        items = rows = size = math.inf
    return _Request(start, end, items, rows, size)


def _journaled_end(selection: Selection, fingerprint: bytes) -> Position | None:
    """Where the page ended when the query ran before; a journal of other code pins nothing."""
    transaction = selection.transaction
    if transaction.journal_in is None:
        return None
    try:
        return transaction.catalog.cursors.decode(transaction.journal_in, fingerprint)
    except InvalidCursorError:
        return None


def _number(options: Mapping[str, Any], name: str, *, required: bool = False) -> float:
    value = options.get(name)
    if value is None and not required:
        return math.inf
    if isinstance(value, bool) or not isinstance(value, int | float) or value % 1 != 0:
        raise ValueError(f"{name} of the pagination options must be a whole number, not {value!r}")
    if value < 1 and not required:
        raise ValueError(f"{name} of the pagination options must be at least 1, not {value!r}")
    return value


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise InvalidCursorError(f"{name} must be a string, not {type(value).__name__}")
    return value
