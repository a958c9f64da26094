"""Full-text search by FTS5.

The index keeps words only, not the texts, in a contentless table whose row ids are positions of
documents. What a word is was decided before: words hold letters, digits and marks, and FTS5 splits
at the spaces between them. A word is always quoted, so that no text can be taken for an operator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import apsw

from convexity.database.identifiers import quoted
from convexity.search.ranking import Match

if TYPE_CHECKING:
    from convexity.database.engine import TextEntry, TextRequest

_COLLECT: Final = "convexity_collect"
_SEPARATOR: Final = "x"
FEW: Final = 256
"""Documents that are found in a moment."""


class TextStatements(NamedTuple):
    """Statements of a full-text index."""

    insert: str
    delete: str
    number: str
    """How many match, up to a limit."""
    matches: str
    """Gives what it finds to a :class:`_Collector`, which is much faster than rows would be."""


def text_statements(storage: str) -> TextStatements:
    """The statements of the index in the table ``storage``."""
    name = quoted(storage)
    return TextStatements(
        insert=f"INSERT INTO {name} (rowid, words, filters) VALUES (?, ?, ?)",
        delete=f"DELETE FROM {name} WHERE rowid = ?",
        number=f"SELECT count(*) FROM (SELECT 1 FROM {name} WHERE {name} MATCH ? LIMIT ?)",
        matches=(
            f"SELECT 1 FROM {name} WHERE {name} MATCH ? AND {_COLLECT}({name}, ?) "
            "ORDER BY rowid DESC LIMIT ?"
        ),
    )


def text_row(position: int, entry: TextEntry) -> tuple[int, str, str]:
    """What :attr:`TextStatements.insert` takes."""
    filters = " ".join(_filter_word(field, digest) for field, digest in enumerate(entry.filters))
    return position, entry.words, filters


def register(connection: apsw.Connection) -> None:
    """Give a connection what the statements use."""
    connection.register_fts5_function(_COLLECT, _collect)


class TextSearch:
    """One search in one index."""

    __slots__ = ("_cursor", "_filters", "_request", "_statements", "_terms")

    def __init__(
        self, cursor: apsw.Cursor, statements: TextStatements, request: TextRequest
    ) -> None:
        self._cursor = cursor
        self._statements = statements
        self._request = request
        self._terms = [f'"{word}"' for word in request.words]
        if request.prefix_too:
            self._terms.append(f'"{request.words[-1]}" *')
        self._filters = "".join(
            f' AND filters : "{_filter_word(field, digest)}"' for field, digest in request.filters
        )

    def newest(self, limit: int) -> list[Match]:
        """The newest documents that match."""
        return self._matches(self._some, 0, limit)

    def rarest(self, limit: int) -> list[Match]:
        """Documents that match; see :meth:`~convexity.database.engine.Snapshot.search`."""
        enough = limit + 1
        if self._number(self._some, enough) < enough:
            return self.newest(limit)
        rarities = sorted(
            (self._number(self._with(term), enough), i) for i, term in enumerate(self._terms)
        )
        chosen: dict[int, Match] = {}
        for _, number in rarities:
            condition = f"{self._with(self._terms[number])} AND {self._some}"
            for match in self._matches(condition, 1, limit):
                if len(chosen) == limit:
                    return list(chosen.values())
                chosen.setdefault(match.position, match)
        return list(chosen.values())

    @property
    def _some(self) -> str:
        return self._with(" OR ".join(self._terms))

    @staticmethod
    def _with(terms: str) -> str:
        return f"words : ({terms})"

    def _number(self, condition: str, limit: int) -> int:
        bindings = (condition + self._filters, limit)
        found: Any = self._cursor.execute(self._statements.number, bindings).fetchone()
        number: int = found[0]
        return number

    def _matches(self, condition: str, first_term: int, limit: int) -> list[Match]:
        """The newest documents that satisfy a condition, which names the terms in order.

        Args:
            condition: An expression of FTS5.
            first_term: Number of the first of the terms among the phrases of the condition.
            limit: Most documents.
        """
        terms = range(first_term, first_term + len(self._terms))
        collector = _Collector(terms, self._request.prefix_too)
        self._cursor.execute(
            self._statements.matches, (condition + self._filters, apsw.pyobject(collector), limit)
        ).fetchall()
        return collector.matches


class _Collector:
    """Takes what a statement finds."""

    __slots__ = ("matches", "prefix_too", "terms")

    def __init__(self, terms: range, prefix_too: bool) -> None:
        self.terms = terms
        self.prefix_too = prefix_too
        self.matches: list[Match] = []


def _collect(api: apsw.FTS5ExtensionApi, /, *arguments: Any) -> bool:
    """Give the document to the collector."""
    (collector,) = arguments
    counts = [len(api.phrase_column_offsets(term, 0)) for term in collector.terms]
    if collector.prefix_too:
        counts[-1] -= counts[-2]
    collector.matches.append(Match(api.rowid, api.column_size(0), counts))
    return True


def _filter_word(field: int, digest: bytes) -> str:
    return f"{field}{_SEPARATOR}{digest.hex()}"
