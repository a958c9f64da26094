"""Words of texts in all scripts."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from convexity.search.words import document_words, query_words
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, world! Don't stop_here", "hello world don t stop here"),
        ("v1.21.4 24w45a minecraft:stone", "v1 21 4 24w45a minecraft stone"),
        ("Café CAFÉ Cafe\u0301 cafe", "café café café cafe"),
        ("Straße STRASSE ΟΔΟΣ οδός", "strasse strasse οδοσ οδόσ"),
        ("ﬁnal İstanbul", "final i̇stanbul"),
        ("❤️hello 👩‍👩‍👧 1️⃣ x²", "hello 1 x²"),
        ("हिन्दी में किताबें", "हिन्दी में किताबें"),
        ("שָׁלוֹם عربي привет", "שָׁלוֹם عربي привет"),
        ("\u0301abc a\u0301", "abc á"),
        ("한국어 검색", "한국어 검색"),
        ("a\x00b\tc\nd\u2003e\u200bf\ud800g", "a b c d e f g"),
        ("x" * 32 + " " + "x" * 33 + " " + "é" * 16 + " " + "é" * 17, "x" * 32 + " " + "é" * 16),
        ("", ""),
        ("\"*()^:-+{}|'", ""),
    ],
)
def test_words(text: str, words: str) -> None:
    assert document_words(text) == unicodedata.normalize("NFC", words).split()


def test_scripts_without_spaces() -> None:
    assert document_words("東京都に行く") == ["東京", "京都", "都に", "に行", "行く", "く"]
    assert document_words("SQLiteデータ!") == ["sqlite", "デー", "ータ", "タ"]
    assert document_words("京") == ["京"]
    assert query_words("東京都") == ["東京", "京都"]
    assert query_words("都") == ["都"]
    assert query_words("ภาษาไทย")[0] == "ภา"


def test_query_words_are_different_and_in_order() -> None:
    assert query_words("b A b a c") == ["b", "a", "c"]


def test_the_end_of_a_very_long_query_is_not_looked_at() -> None:
    assert query_words("Größe " * 1000 + "late") == ["grösse", "late"]
    assert query_words("Größe " * 10_000 + "late") == ["grösse", "gr"]


@given(st.text())
def test_a_text_is_found_by_itself_whatever_its_case_and_form(text: str) -> None:
    words = set(document_words(text))
    for form in (text, unicodedata.normalize("NFD", text), unicodedata.normalize("NFC", text)):
        assert set(query_words(form)) <= words
    for word in words:
        assert word == word.casefold() or unicodedata.normalize("NFC", word.casefold()) == word
        assert not any(character.isspace() for character in word)
        assert document_words(word)[0] == word


@given(st.text(), st.text())
def test_words_end_at_spaces(first: str, second: str) -> None:
    assert document_words(f"{first} {second}") == document_words(first) + document_words(second)


def test_marks_beyond_the_first_two_planes_need_no_bound() -> None:
    assert not any(unicodedata.combining(chr(code)) for code in range(0x20000, sys.maxunicode + 1))
