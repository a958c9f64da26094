"""Laws of edits: order does not matter, nothing overlaps, and what is not edited stays."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from random import Random

from convexity_compiler.diagnostics import Diagnostic, Edit, Fix
from convexity_compiler.diagnostics.edits import apply_edits, choose_fixes, edits_by_path
from convexity_compiler.span import Span
from hypothesis import given
from hypothesis import strategies as st

PATH = "convex/m.py"
ALPHABET = "ab é日\t\f\x1c\u2028\n"
LINE_ENDS = ("\n", "\r\n", "\r")


def span_of(text: str, start: int, end: int) -> Span:
    """Place of a stretch of a text whose line ends are ``\\n``."""
    starts = [0, *(index + 1 for index, character in enumerate(text) if character == "\n")]
    (line, column), (end_line, end_column) = (
        (row := bisect_right(starts, offset), offset - starts[row - 1] + 1)
        for offset in (start, end)
    )
    return Span(line, column, end_line, end_column)


@st.composite
def texts_and_edits(draw: st.DrawFn) -> tuple[str, list[tuple[int, int, str]]]:
    """A text, and stretches of it in order with what replaces them; no two begin together."""
    text = draw(st.text(ALPHABET, max_size=40))
    places = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    pieces = [draw(st.text(ALPHABET, max_size=4)) for _ in places]
    edits = []
    for (start, end), piece in zip(pairwise([*places, len(text)]), pieces, strict=True):
        edits.append((start, draw(st.integers(start, end)), piece))
    return text, edits


def finding(edits: list[Edit], *, message: str = "m") -> Diagnostic:
    return Diagnostic(
        rule="r",
        code="PRJ001",
        severity="error",
        category="style",
        path=PATH,
        span=Span(1, 1, 1, 2),
        message=message,
        fix=Fix(title="t", applicability="safe", edits=tuple(edits)),
    )


@given(texts_and_edits(), st.randoms(use_true_random=False), st.sampled_from(LINE_ENDS))
def test_edits_apply_in_any_order(
    given_edits: tuple[str, list[tuple[int, int, str]]], random: Random, line_end: str
) -> None:
    text, stretches = given_edits
    expected = text
    for start, end, piece in reversed(stretches):
        expected = expected[:start] + piece + expected[end:]
    edits = [Edit(path=PATH, span=span_of(text, s, e), text=piece) for s, e, piece in stretches]
    random.shuffle(edits)

    result = apply_edits(text.replace("\n", line_end), edits)

    if "\n" in text:
        assert result == expected.replace("\n", line_end)
    else:
        assert result == expected


@given(texts_and_edits(), st.lists(st.integers(0, 3), max_size=8))
def test_chosen_fixes_never_overlap_and_are_whole(
    given_edits: tuple[str, list[tuple[int, int, str]]], groups: list[int]
) -> None:
    text, stretches = given_edits
    edits = [Edit(path=PATH, span=span_of(text, s, e), text=piece) for s, e, piece in stretches]
    findings = [
        finding([edit for edit, group in zip(edits, groups, strict=False) if group in (n, 0)])
        for n in range(1, 4)
    ]

    chosen = choose_fixes(findings)

    made = edits_by_path(chosen).get(PATH, [])
    assert all(edit in made for entry in chosen if entry.fix for edit in entry.fix.edits)
    for one, other in pairwise(sorted(edit.span for edit in made)):
        assert one != other
        assert one[2:] <= other[:2]


@given(st.permutations(["A, ", "B, ", "c, "]))
def test_imports_at_one_place_come_in_the_order_of_their_texts(texts: list[str]) -> None:
    place = Span(1, 15, 1, 15)
    findings = [
        finding([Edit(path=PATH, span=place, text=text, shared=True)], message=text)
        for text in texts
    ]

    chosen = choose_fixes(findings)

    assert chosen == findings
    edited = apply_edits("from m import d\n", edits_by_path(chosen)[PATH])
    assert edited == "from m import A, B, c, d\n"


def test_two_statements_that_import_from_one_module_wait_for_each_other() -> None:
    place = Span(1, 1, 1, 1)
    one, other, third = (
        finding([Edit(path=PATH, span=place, text=text, shared=True)])
        for text in ("from m import A\n", "from m import B\n", "from n import C\n")
    )

    assert choose_fixes([one, other, third]) == [one, third]
