"""Reading what is imported: rows of a zip file, of JSON, of lines of JSON, of CSV.

Nothing is unpacked to disk, and no more than a row is held, but for a JSON array.
"""

from __future__ import annotations

import base64
import csv
import io
import math
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

import orjson

from convexity.admin.archive_layout import (
    TablePlace,
    folder_of,
    is_numbers,
    is_stored_file,
    numbers_of,
    place_of,
)
from convexity.admin.plain_values import fitted, from_cell
from convexity.storage.content import check_content_type
from convexity.storage.rows import STORAGE
from convexity.values.encoding import EncodingError, decode_value
from convexity.values.ids import decode_id
from convexity.values.limits import MAX_DOCUMENT_SIZE
from convexity.values.validators import ObjectValidator, Validator, flatten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convexity.values import Fields

SourceFormat: TypeAlias = Literal["zip", "jsonl", "json", "csv"]
FORMATS: Final[tuple[SourceFormat, ...]] = get_args(SourceFormat)

_MAX_LINE: Final = 8 * MAX_DOCUMENT_SIZE
"""Bytes of a line; a byte of a document takes at most six as an escape in JSON."""
_MAX_ARRAY: Final = 64 * 2**20
"""Bytes of a JSON array, which is read as a whole."""
_MAX_RATIO: Final = 200
"""By how much a zip file may grow when it is unpacked, if it becomes large: documents of one byte
grow by less. Bombs grow by a thousand, and by any amount where entries overlap."""
_LARGE: Final = 256 * 2**20
_PIECE: Final = 256 * 1024
_FUTURE: Final = 3_600_000
"""Milliseconds by which the clock of another machine may be ahead."""
_IGNORED: Final = ("README.md", "generated_schema.jsonl")


class SourceError(Exception):
    """What is imported cannot be read; the text names the place."""


@dataclass(frozen=True, slots=True)
class Row:
    """A document to import, or why it cannot be read."""

    place: str
    """For messages: ``messages/documents.jsonl:12``."""
    table: TablePlace
    document: dict[str, Any] | None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """A stored file to import."""

    component: str
    id: str
    creation_time: float
    size: int
    sha256: str
    """Digest in base64."""
    content_type: str | None

    @property
    def entry(self) -> str:
        """Where its bytes are in the zip file."""
        return f"{folder_of(self.component)}{STORAGE}/{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file with documents. It can be read again and again."""

    file: IO[bytes]
    format: SourceFormat
    table: TablePlace | None
    """Where documents belong; ``None`` for a zip file, which says so itself."""
    validators: Mapping[TablePlace, Validator]
    """Those of the tables: text of CSV files, and integers, are read by them."""

    def tables(self) -> list[TablePlace]:
        """The tables that get documents, even none.

        Raises:
            SourceError: the file is none of the format, or a trap.
        """
        if self.table is not None:
            return [self.table]
        with _opened(self.file) as archive:
            places = _entries(archive, self.file)
            return [place for place in places if not is_numbers(place)]

    def files(self) -> list[FileRow]:
        """The stored files that come along, without their bytes.

        Raises:
            SourceError: they are not described, or not there.
        """
        if self.table is not None:
            return []
        with _opened(self.file) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
            found: list[FileRow] = []
            for place, entry in _entries(archive, self.file).items():
                if place.table == STORAGE:
                    with _reading(archive, entry) as rows:
                        found += _file_rows(rows, place)
        problems = [
            f"{TablePlace(file.component, STORAGE).entry}: there is no entry {file.entry!r} of "
            f"{file.size} bytes"
            for file in found
            if sizes.get(file.entry) != file.size
        ]
        if problems:
            raise SourceError("\n".join(problems))
        return found

    def pieces(self, file: FileRow) -> Iterator[bytes]:
        """The bytes of a stored file.

        Raises:
            SourceError: the entry is damaged.
        """
        with (
            _opened(self.file) as archive,
            _reading(archive, archive.getinfo(file.entry)) as content,
        ):
            while piece := content.read(_PIECE):
                yield piece

    def numbers(self) -> dict[TablePlace, int]:
        """Numbers of tables, as far as the file has them.

        Raises:
            SourceError: they cannot be read.
        """
        if self.table is not None:
            return {}
        found: dict[TablePlace, int] = {}
        with _opened(self.file) as archive:
            for place, entry in _entries(archive, self.file).items():
                if is_numbers(place):
                    with _reading(archive, entry) as file:
                        found |= _numbers(file, place.component)
        return found

    def rows(self) -> Iterator[Row]:
        """All documents in order.

        Raises:
            SourceError: the file is none of the format, or damaged.
        """
        self.file.seek(0)
        if self.table is None:
            yield from self._zip_rows()
        elif self.format == "jsonl":
            yield from self._json_lines(self.file, self.table, "line ")
        elif self.format == "json":
            yield from self._json_array(self.table)
        else:
            yield from self._csv_rows(self.table)

    def _zip_rows(self) -> Iterator[Row]:
        with _opened(self.file) as archive:
            for table, entry in _entries(archive, self.file).items():
                if is_numbers(table) or table.table == STORAGE:
                    continue
                with _reading(archive, entry) as file:
                    yield from self._json_lines(file, table, f"{entry.filename}:")

    def _json_lines(self, file: IO[bytes], table: TablePlace, place: str) -> Iterator[Row]:
        """Rows of lines; ``place`` is what comes before the number of a line."""
        for number, line in _lines(file, place):
            if line.strip():
                yield self._row(f"{place}{number}", table, line)

    def _json_array(self, table: TablePlace) -> Iterator[Row]:
        text = self.file.read(_MAX_ARRAY + 1)
        if len(text) > _MAX_ARRAY:
            raise SourceError(
                f"a JSON array of more than {_MAX_ARRAY // 2**20} MiB is not read: write one "
                "document per line, and import it as jsonl"
            )
        try:
            trees = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise SourceError(f"the file is no JSON: {error}") from None
        if not isinstance(trees, list):
            raise SourceError("the file must hold a JSON array of documents")
        for number, tree in enumerate(trees, 1):
            yield self._decoded(f"document {number}", table, tree)

    def _row(self, place: str, table: TablePlace, line: bytes) -> Row:
        try:
            tree = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            return Row(place, table, None, f"it is no JSON: {error}")
        return self._decoded(place, table, tree)

    def _decoded(self, place: str, table: TablePlace, tree: object) -> Row:
        if not isinstance(tree, dict):
            return Row(place, table, None, "it is no JSON object")
        try:
            document: Any = decode_value(fitted(tree, self.validators.get(table)))
            if not isinstance(document, dict):  # such as {"$integer": ...}
                return Row(place, table, None, "it is no object")
            return Row(place, table, document)
        except (EncodingError, RecursionError) as error:
            return Row(place, table, None, str(error))

    def _csv_rows(self, table: TablePlace) -> Iterator[Row]:
        text = io.TextIOWrapper(self.file, encoding="utf-8-sig", newline="")
        csv.field_size_limit(_MAX_LINE)
        fields = _fields(self.validators.get(table))
        reader = csv.DictReader(text, strict=True)
        try:
            names = reader.fieldnames or []
            if len(set(names)) < len(names) or not all(names):
                raise SourceError("the first line must name each column, once")
            for record in reader:
                yield _csv_row(f"line {reader.line_num}", table, record, fields)
        except (csv.Error, UnicodeDecodeError) as error:
            # A line that cannot be read is not counted.
            raise SourceError(f"line {reader.line_num + 1}: {error}") from None
        finally:
            text.detach()


def _csv_row(
    place: str, table: TablePlace, record: Mapping[str | Any, Any], fields: Fields | None
) -> Row:
    if None in record:
        return Row(place, table, None, "it has more cells than the first line has names")
    document: dict[str, Any] = {}
    for name, text in record.items():
        if text is None:
            return Row(place, table, None, "it has fewer cells than the first line has names")
        if name == "_creationTime":
            value: object = from_cell(text, None)
        elif name == "_id":
            value = text
        else:
            try:
                value = from_cell(text, None if fields is None else fields.get(name))
            except ValueError as error:
                return Row(place, table, None, f"column {name!r}: {error}")
        if value is not ...:
            document[name] = value
    return Row(place, table, document)


def _fields(validator: Validator | None) -> Fields | None:
    if validator is None:
        return None
    members = [m for m in flatten(validator) if isinstance(m, ObjectValidator)]
    return {name: field for member in members for name, field in member.fields.items()}


def creation_time_problem(created: object) -> str:
    """Why a value cannot be a ``_creationTime``; empty if it can."""
    latest = time.time() * 1000 + _FUTURE
    if type(created) is float and math.isfinite(created) and 0 < created <= latest:
        return ""
    return f"_creationTime is {created!r}: expected milliseconds since 1970, not the future"


def _numbers(file: IO[bytes], component: str) -> dict[TablePlace, int]:
    place = numbers_of(component)
    found = {}
    for number, line in _lines(file, f"{place}:"):
        try:
            entry = orjson.loads(line)
            found[TablePlace(component, str(entry["name"]))] = int(entry["id"])
        except (ValueError, KeyError, TypeError) as error:
            raise SourceError(f"{place}:{number} has no name and number: {error!r}") from None
    if len(set(found.values())) < len(found):
        raise SourceError(f"{place}: two tables have the same number")
    return found


def _file_rows(file: IO[bytes], place: TablePlace) -> Iterator[FileRow]:
    """The rows of stored files.

    Raises:
        SourceError: a line describes none.
    """
    for number, line in _lines(file, f"{place.entry}:"):
        try:
            row = orjson.loads(line)
            decode_id(row["_id"])
            content_type = row.get("contentType")
            if content_type is not None:
                content_type = check_content_type(content_type)
            base64.b64decode(row["sha256"], validate=True)
            if creation_time_problem(row["_creationTime"]):
                raise ValueError(creation_time_problem(row["_creationTime"]))
            yield FileRow(
                component=place.component,
                id=row["_id"],
                creation_time=float(row["_creationTime"]),
                size=int(row["size"]),
                sha256=row["sha256"],
                content_type=content_type,
            )
        except (ValueError, KeyError, TypeError) as error:
            raise SourceError(f"{place.entry}:{number} describes no file: {error}") from None


def _lines(file: IO[bytes], place: str) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers; ``place`` is what comes before the number of a line."""
    number = 1
    while line := file.readline(_MAX_LINE + 1):
        if len(line) > _MAX_LINE:
            raise SourceError(f"{place}{number}: the line is longer than {_MAX_LINE // 2**20} MiB")
        yield number, line
        number += 1


@contextmanager
def _reading(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
    """The content of an entry.

    Raises:
        SourceError: it is damaged.
    """
    try:
        with archive.open(entry) as file:
            yield file
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise SourceError(f"{entry.filename} is damaged: {error}") from None


def _opened(file: IO[bytes]) -> zipfile.ZipFile:
    file.seek(0)
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise SourceError(f"the file is no zip file: {error}") from None


def _entries(archive: zipfile.ZipFile, file: IO[bytes]) -> dict[TablePlace, zipfile.ZipInfo]:
    """The entries with documents, by table; those with rows of files, and with numbers, too.

    Raises:
        SourceError: names lead out of the archive or are not understood, or it is a bomb.
    """
    size = file.seek(0, io.SEEK_END)
    unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > max(_LARGE, _MAX_RATIO * size):
        raise SourceError(
            f"the zip file would grow from {size} to {unpacked} bytes, which no documents do"
        )
    found: dict[TablePlace, zipfile.ZipInfo] = {}
    for entry in archive.infolist():
        path = PurePosixPath(entry.filename)
        if path.is_absolute() or ".." in path.parts or "\\" in entry.filename:
            raise SourceError(f"the name {entry.filename!r} leads out of the zip file")
        if entry.is_dir() or path.name in _IGNORED or is_stored_file(entry.filename):
            continue
        place = place_of(entry.filename)
        if place is None:
            raise SourceError(
                f"the file {entry.filename!r} in the zip file is not understood: expected "
                "<table>/documents.jsonl, below _components/<name>/ for a component"
            )
        if place in found:
            raise SourceError(f"the zip file has two entries {entry.filename!r}")
        found[place] = entry
    return found
