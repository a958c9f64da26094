"""Full-text search by tsvector and GIN.

What a word is was decided before, so nothing of PostgreSQL's own parser is used: a row holds the
words of a document in order, and a ``tsvector`` of the different ones, with a lexeme for the value
of each filter field. Words hold letters, digits and marks; a lexeme of a filter begins with a sign
that no word has.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from convexity.database.identifiers import quoted
from convexity.search.ranking import Match
from convexity.values.storage_names import shortened

if TYPE_CHECKING:
    from convexity.database.engine import TextEntry, TextRequest

FEW: Final = 256
"""Documents that are found in a moment."""

Fetch = Callable[..., Awaitable[Sequence[Any]]]
"""Runs a statement with its bindings."""


class TextStatements(NamedTuple):
    """Statements of a full-text index."""

    number: str
    """How many match, up to a limit."""
    matches: str
    """The newest that match, with their words."""


def text_storage(storage: str) -> list[str]:
    """Statements that create the table ``storage`` of a full-text index, where it is missing."""
    name = quoted(storage)
    return [
        f"CREATE TABLE IF NOT EXISTS {name} "
        "(position bigint PRIMARY KEY, words text NOT NULL, terms tsvector NOT NULL)",
        f"CREATE INDEX IF NOT EXISTS {quoted(shortened(f'{storage}.terms'))} "
        f"ON {name} USING gin (terms) WITH (fastupdate = off)",
    ]


def text_statements(storage: str) -> TextStatements:
    """The statements of the index in the table ``storage``."""
    name = quoted(storage)
    return TextStatements(
        number=(
            f"SELECT count(*) FROM (SELECT 1 FROM {name} WHERE terms @@ $1::text::tsquery "
            "LIMIT $2) AS found"
        ),
        matches=(
            f"SELECT position, words FROM {name} WHERE terms @@ $1::text::tsquery "
            "ORDER BY position DESC LIMIT $2"
        ),
    )


def text_terms(entry: TextEntry) -> str:
    """The text of the ``tsvector`` of an entry."""
    terms = [f"'{word}'" for word in dict.fromkeys(entry.words.split(" "))]
    terms += [_filter_term(field, digest) for field, digest in enumerate(entry.filters)]
    return " ".join(terms)


def matches(entry: TextEntry, request: TextRequest) -> bool:
    """Whether a search finds the document of an entry."""
    if any(entry.filters[field] != digest for field, digest in request.filters):
        return False
    words = set(entry.words.split(" "))
    if not words.isdisjoint(request.words):
        return True
    last = request.words[-1]
    return request.prefix_too and any(word.startswith(last) for word in words)


def match(position: int, text: str, request: TextRequest) -> Match:
    """How a document matches, by its words."""
    words = text.split(" ")
    counts = [words.count(word) for word in request.words]
    if request.prefix_too:
        last = request.words[-1]
        counts.append(sum(word.startswith(last) for word in words) - counts[-1])
    return Match(position, len(words), counts)


class TextSearch:
    """One search in one index."""

    __slots__ = ("_fetch", "_filters", "_request", "_statements", "_terms")

    def __init__(self, fetch: Fetch, statements: TextStatements, request: TextRequest) -> None:
        """Take what runs statements."""
        self._fetch = fetch
        self._statements = statements
        self._request = request
        self._terms = [f"'{word}'" for word in request.words]
        if request.prefix_too:
            self._terms.append(f"'{request.words[-1]}':*")
        self._filters = "".join(
            f" & {_filter_term(field, digest)}" for field, digest in request.filters
        )

    async def newest(self, limit: int) -> list[Match]:
        """The newest documents that match."""
        return await self._matches(self._some, limit)

    async def rarest(self, limit: int) -> list[Match]:
        """Documents that match; see :meth:`~convexity.database.engine.Snapshot.search`."""
        enough = limit + 1
        if await self._number(self._some, enough) < enough:
            return await self.newest(limit)
        rarities = sorted(
            [(await self._number(term, enough), i) for i, term in enumerate(self._terms)]
        )
        chosen: dict[int, Match] = {}
        for _, number in rarities:
            for found in await self._matches(self._terms[number], limit):
                if len(chosen) == limit:
                    return list(chosen.values())
                chosen.setdefault(found.position, found)
        return list(chosen.values())

    @property
    def _some(self) -> str:
        return f"({' | '.join(self._terms)})"

    async def _number(self, condition: str, limit: int) -> int:
        rows = await self._fetch(self._statements.number, condition + self._filters, limit)
        number: int = rows[0][0]
        return number

    async def _matches(self, condition: str, limit: int) -> list[Match]:
        rows = await self._fetch(self._statements.matches, condition + self._filters, limit)
        return [match(position, words, self._request) for position, words in rows]


def _filter_term(field: int, digest: bytes) -> str:
    return f"'#{field}x{digest.hex()}'"
