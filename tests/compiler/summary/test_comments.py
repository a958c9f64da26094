"""Which lines a comment to convexity is about."""

from __future__ import annotations

from textwrap import dedent

import pytest
from convexity_compiler.summary.model import Comment
from convexity_compiler.summary.summarise import summarise
from hypothesis import given
from hypothesis import strategies as st

MARK = "# convexity: x"


def comments(text: str) -> tuple[Comment, ...]:
    return summarise(dedent(text).encode(), "m.py").comments


def about(text: str) -> tuple[int, int]:
    """First and last line of the only comment."""
    (comment,) = comments(text)
    return comment.first, comment.last


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f"x = 1  {MARK}\ny = 2\n", (1, 1)),
        (f"f(\n    1,  {MARK}\n    2,\n)\n", (2, 2)),
        (f"x = '''\na\nb\n'''  {MARK}\n", (1, 4)),
        (f"x = f('''\na\n''', '''\nb\n''')  {MARK}\n", (1, 5)),
        (f"x = f'''\n{{1}}\n'''  {MARK}\n", (1, 3)),
        (f"x = 1 + \\\n    2 + \\\n    3  {MARK}\n", (1, 3)),
        (f"x = '''\n{MARK}\n'''\ny = 1  {MARK}\n", (4, 4)),
    ],
    ids=[
        "its line",
        "a line within brackets",
        "a long string",
        "two long strings",
        "a long f-string",
        "lines joined by backslashes",
        "not within a string",
    ],
)
def test_behind_code(text: str, lines: tuple[int, int]) -> None:
    assert about(text) == lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f"{MARK}\nx = 1\ny = 2\n", (1, 2)),
        (f"{MARK}\n\n# another\nx = f(\n    1,\n)\ny = 2\n", (1, 6)),
        (f"{MARK}\n@a\n@b(\n    1,\n)\nasync def f(\n    x,\n) -> None:\n    pass\n", (1, 8)),
        (f"@a\n{MARK}\ndef f(): pass\nx = 1\n", (2, 3)),
        (f"{MARK}\n@a\nclass C(\n    B,\n):\n    x = 1\n", (1, 5)),
        (f"if y:\n    {MARK}\n    with a as b:\n        pass\n", (2, 3)),
        (f"{MARK}\nx = '''\na\n'''\ny = 1\n", (1, 4)),
        (f"f(\n    {MARK}\n    g(\n        1,\n    ),\n    2,\n)\n", (2, 5)),
        (f"f(\n    {MARK}\n    2\n)\n", (2, 3)),
        (f"d = {{\n    {MARK}\n    'a': [\n        1,\n    ],\n    'b': 2,\n}}\n", (2, 5)),
        (f"x = 1\n{MARK}\n", (2, 2)),
    ],
    ids=[
        "a statement",
        "a statement of several lines behind other comments",
        "a decorated function up to its colon",
        "a function below its decorators",
        "a class",
        "the head of a block",
        "a long string",
        "an argument of several lines",
        "the last argument",
        "an item of a dict",
        "nothing",
    ],
)
def test_on_a_line_of_its_own(text: str, lines: tuple[int, int]) -> None:
    assert about(text) == lines


@pytest.mark.parametrize(
    ("text", "end"),
    [
        (f"{MARK}\nx = 1\n", None),
        (f"def f():\n    {MARK}\n    x = 1\n    if x:\n        y = 2\n\nz = 1\n", 5),
        (f"def f():\n    {MARK}\n    x = '''\nz\n'''\nz = 1\n", 5),
        (f"def f():\n    {MARK}\n    x = g(\n1,\n)\n    y = 2\nz = 1\n", 6),
        (f"def f():\n    x = 1  {MARK}\n    y = 2\nz = 1\n", 3),
    ],
    ids=["the file", "a body", "past a long string", "past brackets", "behind code"],
)
def test_blocks_end_where_the_indentation_does(text: str, end: int | None) -> None:
    (comment,) = comments(text)

    assert comment.block_end == end


@given(
    st.lists(
        st.sampled_from(
            ["x = 1", "f(", ")", "    y", "@a", "def f():", "'''", MARK, f"    {MARK}", "\\", ""]
        ),
        max_size=12,
    )
)
def test_any_text_has_comments_within_it(lines: list[str]) -> None:
    text = "\n".join(lines)

    for comment in summarise(text.encode(), "m.py").comments:
        assert 1 <= comment.first <= comment.span.line <= comment.last <= len(lines)
        assert comment.block_end is None or comment.span.line <= comment.block_end <= len(lines)
