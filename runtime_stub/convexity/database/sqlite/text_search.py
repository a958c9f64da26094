"""Full-text search by FTS5.

The index keeps words only, not the texts, in a contentless table whose row ids are positions of
documents. What a word is was decided before: words hold letters, digits and marks, and FTS5 splits
at the spaces between them. A word is always quoted, so that no text can be taken for an operator.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from convexity.database.sqlite.identifiers import quoted
from convexity.search.ranking import Match

if TYPE_CHECKING:
    import apsw

    from convexity.database.engine import TextEntry, TextRequest

_COUNTS: Final = "convexity_counts"
_SEPARATOR: Final = "x"


class TextStatements(NamedTuple):
    """Statements of a full-text index."""

    insert: str
    delete: str
    number: str
    """How many match."""
    matches: str


def text_statements(storage: str) -> TextStatements:
    """The statements of the index in the table ``storage``."""
    name = quoted(storage)
    return TextStatements(
        insert=f"INSERT INTO {name} (rowid, words, filters) VALUES (?, ?, ?)",
        delete=f"DELETE FROM {name} WHERE rowid = ?",
        number=f"SELECT count(*) FROM {name} WHERE {name} MATCH ?",
        matches=(
            f"SELECT rowid, {_COUNTS}({name}, ?, ?) FROM {name} WHERE {name} MATCH ? "
            "ORDER BY rowid DESC LIMIT ?"
        ),
    )


def text_row(position: int, entry: TextEntry) -> tuple[int, str, str]:
    """What :attr:`TextStatements.insert` takes."""
    filters = " ".join(_filter_word(field, digest) for field, digest in enumerate(entry.filters))
    return position, entry.words, filters


def register(connection: apsw.Connection) -> None:
    """Give a connection what the statements use."""
    connection.register_fts5_function(_COUNTS, _counts)


def search(
    cursor: apsw.Cursor, statements: TextStatements, request: TextRequest, limit: int
) -> list[Match]:
    """At most ``limit`` matches; see :meth:`~convexity.database.engine.Snapshot.search`."""
    terms = [f'"{word}"' for word in request.words]
    if request.prefix_too:
        terms.append(f'"{request.words[-1]}" *')
    filters = "".join(
        f' AND filters : "{_filter_word(field, digest)}"' for field, digest in request.filters
    )
    some = f"words : ({' OR '.join(terms)})"

    def count(condition: str) -> int:
        found: Any = cursor.execute(statements.number, (condition + filters,)).fetchone()
        number: int = found[0]
        return number

    def matches(condition: str, first_term: int) -> list[Match]:
        rows: Any = cursor.execute(
            statements.matches, (first_term, len(terms), condition + filters, limit)
        )
        return [_match(position, counts, request) for position, counts in rows]

    if count(some) <= limit:
        return matches(some, 0)
    chosen: dict[int, Match] = {}
    by_rarity = sorted((count(f"words : ({term})"), number) for number, term in enumerate(terms))
    for _, number in by_rarity:
        for match in matches(f"words : ({terms[number]}) AND {some}", 1):
            if len(chosen) == limit:
                break
            chosen.setdefault(match.position, match)
    return list(chosen.values())


def _filter_word(field: int, digest: bytes) -> str:
    return f"{field}{_SEPARATOR}{digest.hex()}"


def _counts(api: apsw.FTS5ExtensionApi, /, *arguments: Any) -> bytes:
    """Length of the text and occurrences of each term, as unsigned 32-bit numbers."""
    first, terms = arguments
    counts = [len(api.phrase_column_offsets(term, 0)) for term in range(first, first + terms)]
    return struct.pack(f"={1 + terms}I", api.column_size(0), *counts)


def _match(position: int, packed: bytes, request: TextRequest) -> Match:
    length, *counts = struct.unpack(f"={len(packed) // 4}I", packed)
    if request.prefix_too:
        counts[-1] -= counts[-2]
    return Match(position, length, counts)
