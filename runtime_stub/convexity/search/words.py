"""The words of a text: what full-text search stores and looks for.

A word is a run of letters, digits and the marks that belong to them, in any script. Case does not
matter, accents do: ``Café`` and ``CAFÉ`` are one word, ``cafe`` is another. Scripts that put no
spaces between words are cut into overlapping pairs of characters.
"""

from __future__ import annotations

import operator
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from convexity.search.marks import with_few_marks
from convexity.values.limits import MAX_SEARCH_TERM_SIZE, MAX_SEARCH_TERMS, MAX_SEARCH_TEXT

VERSION: Final = 1
"""Raised when words change; indexes that were built with another version are built again."""

_CACHED_CHARACTERS: Final = 4096
_UNSPACED: Final = re.compile(
    "([\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
    "|[\u0e00-\u0eff]+|[\u1000-\u109f]+|[\u1780-\u17ff]+)"
)
"""Runs of Chinese characters and Japanese letters; Thai and Lao; Burmese; Khmer."""


class _Characters(dict[int, int | None]):
    """For ``str.translate``: characters of words stay, others become spaces."""

    def __missing__(self, code: int) -> int | None:
        character = chr(code)
        kept: int | None = code
        if 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF:
            kept = None  # variation selectors, which only choose how a character looks
        elif not character.isalnum() and unicodedata.category(character) not in ("Mn", "Mc"):
            kept = 0x20
        if len(self) < _CACHED_CHARACTERS:
            self[code] = kept
        return kept


_CHARACTERS: Final = _Characters()


def document_words(text: str) -> list[str]:
    """The words of a stored text, in order, repeated ones too."""
    words: list[str] = []
    for word in map(_trimmed, _spaced(text)):
        for part, is_unspaced in _parts(word):
            if not is_unspaced:
                words.append(part)
                continue
            words += _pairs(part)
            if len(part) > 1:
                words.append(part[-1])  # so that every single character can be looked for
    return list(filter(_is_short, words))


def query_words(text: str) -> list[str]:
    """The different words of a text that is looked for, in order.

    Of a text with more than :data:`~convexity.values.limits.MAX_SEARCH_TERMS`, at least one more,
    and what comes after :data:`~convexity.values.limits.MAX_SEARCH_TEXT` is not looked at: who
    sends long texts must not keep the backend busy.
    """
    words: dict[str, None] = {}
    for word in map(_trimmed, dict.fromkeys(_spaced(text[:MAX_SEARCH_TEXT]))):
        for part, is_unspaced in _parts(word):
            different = dict.fromkeys(_pairs(part) if is_unspaced else [part])
            words.update(dict.fromkeys(filter(_is_short, different)))
        if len(words) > MAX_SEARCH_TERMS:
            break
    return list(words)


def _spaced(text: str) -> list[str]:
    if text.isascii():
        return text.lower().translate(_CHARACTERS).split()
    composed = unicodedata.normalize("NFC", with_few_marks(text))
    folded = unicodedata.normalize("NFC", composed.casefold())
    return folded.translate(_CHARACTERS).split()


def _trimmed(word: str) -> str:
    """A word, perhaps empty, without marks in front, which belong to no letter."""
    if word[0].isalnum():
        return word
    start = next((i for i, character in enumerate(word) if character.isalnum()), len(word))
    return word[start:]


def _parts(word: str) -> Iterator[tuple[str, bool]]:
    """The parts of a word, and whether each is in a script without spaces."""
    if word.isascii():
        if word:
            yield word, False
        return
    for number, part in enumerate(_UNSPACED.split(word)):
        if part:
            yield part, number % 2 == 1


def _pairs(text: str) -> list[str]:
    return list(map(operator.add, text, text[1:])) or [text]


def _is_short(word: str) -> bool:
    return len(word.encode()) <= MAX_SEARCH_TERM_SIZE
