"""Applying the edits of fixes."""

from __future__ import annotations

from convexity_compiler.diagnostics import Diagnostic, Edit, Fix
from convexity_compiler.diagnostics.edits import apply_edits, choose_fixes, edits_by_path
from convexity_compiler.span import Span


def edit(span: Span, text: str) -> Edit:
    return Edit(path="a.py", span=span, text=text)


def finding(*edits: Edit, unsafe: bool = False) -> Diagnostic:
    return Diagnostic(
        rule="r",
        code="PRJ001",
        severity="error",
        category="style",
        path="a.py",
        span=Span(1, 1, 1, 2),
        message="m",
        fix=Fix(title="t", applicability="unsafe" if unsafe else "safe", edits=edits),
    )


def test_edits_replace_insert_and_delete() -> None:
    text = "first\nsecond\nthird\n"
    edits = [
        edit(Span(1, 1, 1, 6), "1st"),
        edit(Span(2, 1, 2, 1), "the "),
        edit(Span(2, 7, 3, 6), ""),
    ]

    assert apply_edits(text, edits) == "1st\nthe second\n"


def test_edits_keep_the_line_ends_of_the_file() -> None:
    assert apply_edits("a\r\nb\rc\n", [edit(Span(3, 1, 3, 2), "d")]) == "a\r\nb\rd\n"


def test_positions_count_characters() -> None:
    assert apply_edits("x = '日本'\n", [edit(Span(1, 5, 1, 9), "1")]) == "x = 1\n"


def test_of_overlapping_fixes_the_first_wins() -> None:
    first = finding(edit(Span(1, 1, 1, 5), "a"))
    second = finding(edit(Span(1, 4, 1, 8), "b"), edit(Span(9, 1, 9, 1), "c"))
    third = finding(edit(Span(1, 5, 1, 8), "d"))

    assert choose_fixes([first, second, third]) == [first, third]


def test_of_equal_insertions_at_one_place_the_second_waits() -> None:
    first = finding(edit(Span(1, 5, 1, 5), ")"))
    second = finding(edit(Span(1, 1, 1, 1), "("), edit(Span(1, 5, 1, 5), ")"))

    assert choose_fixes([first, second]) == [first]


def test_an_import_that_two_fixes_need_is_made_once() -> None:
    name = Edit(path="a.py", span=Span(1, 5, 1, 5), text=", query", shared=True)
    first = finding(edit(Span(3, 1, 3, 1), "a"), name)
    second = finding(edit(Span(4, 1, 4, 1), "b"), name)

    chosen = choose_fixes([first, second])

    assert chosen == [first, second]
    assert [entry.text for entry in edits_by_path(chosen)["a.py"]] == ["a", ", query", "b"]


def test_unsafe_fixes_wait_to_be_asked_for() -> None:
    unsafe = finding(edit(Span(1, 1, 1, 2), "a"), unsafe=True)

    assert choose_fixes([unsafe]) == []
    assert choose_fixes([unsafe], unsafe=True) == [unsafe]
