"""Full-text indexes: the entry of a document, and what of it a search depends on.

A search sees the documents that have one of its words and, in its filter fields, its values. So a
document that comes, goes or changes touches, in each *scope*, the words that it had and has. Scopes
are the index as a whole and each value of each filter field; a search belongs to one scope.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from convexity.database.engine import TextChange, TextEntry, TextRequest
from convexity.database.filter_values import filter_digests
from convexity.database.paths import value_at
from convexity.database.ranges import key_successor
from convexity.database.tables import SearchIndex
from convexity.search.words import document_words

_MAX_KEYS: Final = 256
"""Keys that one document may touch; one with more words touches every search in its scopes."""
_WHOLE: Final = b"\x01"
_FIELD: Final = b"\x02"
_EVERY_WORD: Final = b"\x00"
_WORD: Final = b"\x01"
_END: Final = b"\x00"
_AFTER_WORDS: Final = b"\xff"
"""Greater than every byte of UTF-8."""


class TextIndex:
    """A search index of the schema."""

    __slots__ = ("index", "name")

    def __init__(self, index: SearchIndex) -> None:
        self.index: Final = index
        self.name: Final = index.name

    def text_length(self, document: Mapping[str, Any]) -> int:
        """Characters of the text of a document."""
        text = value_at(document, self.index.search_field)
        return len(text) if isinstance(text, str) else 0

    def entry(self, document: Mapping[str, Any]) -> TextEntry | None:
        """The entry of a document; ``None`` if its search field holds no text with a word."""
        text = value_at(document, self.index.search_field)
        words = document_words(text) if isinstance(text, str) else ()
        if not words:
            return None
        return TextEntry(" ".join(words), filter_digests(document, self.index.filter_fields))

    def change(
        self, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
    ) -> TextChange | None:
        """The change of the index when ``after`` replaces ``before``; ``None`` if there is none."""
        old = None if before is None else self.entry(before)
        new = None if after is None else self.entry(after)
        if old == new:
            return None
        keys = {key for entry in (old, new) if entry for key in self._touched(entry)}
        return TextChange(self.index, old, new, sorted(keys))

    def ranges(self, request: TextRequest) -> Iterator[tuple[bytes, bytes]]:
        """Half-open ranges of keys: a change that touches none of them leaves the search as is."""
        scope = _scope(*request.filters[0]) if request.filters else _WHOLE
        yield scope + _EVERY_WORD, key_successor(scope + _EVERY_WORD)
        for word in request.words:
            key = _word_key(scope, word)
            yield key, key_successor(key)
        if request.prefix_too:
            start = scope + _WORD + request.words[-1].encode()
            yield start, start + _AFTER_WORDS

    def _touched(self, entry: TextEntry) -> Iterable[bytes]:
        scopes = [_WHOLE, *(_scope(*numbered) for numbered in enumerate(entry.filters))]
        words = set(entry.words.split(" "))
        if len(words) * len(scopes) > _MAX_KEYS:
            return [scope + _EVERY_WORD for scope in scopes]
        return [_word_key(scope, word) for scope in scopes for word in words]


def _scope(field: int, digest: bytes) -> bytes:
    return _FIELD + bytes((field,)) + digest


def _word_key(scope: bytes, word: str) -> bytes:
    return scope + _WORD + word.encode() + _END
