"""What holds for any comments: no crash, and fixes that settle and change comments alone."""

from __future__ import annotations

import ast

import pytest
from convexity_compiler.config import Config, load_config
from convexity_compiler.diagnostics import Diagnostic
from convexity_compiler.diagnostics.edits import apply_edits
from convexity_compiler.session import CheckSession
from hypothesis import given, settings
from hypothesis import strategies as st

PATH = "convex/notes.py"
CODE = (
    "from ._generated.server import QueryCtx",
    "",
    "",
    "async def first(ctx: QueryCtx) -> int:",
    '    rows = ctx.db.query("notes")',
    "    few = rows.filter(",
    "        lambda q: q.eq(q.field('n'), 1),",
    "    )",
    "    if few:",
    "        more = rows.filter(lambda q: q.eq(q.field('n'), 2))",
    "        return len(await more.take(3))",
    "    return len(await few.take(3))",
)
VERBS = ("ignore", "file-ignore", "disable", "enable", "ignroe", "")
LISTS = ("", "[]", "[filter-on-query]", "[QRY001, unknown-index]", "[filter-in-query]", "[x", "[,]")
TAILS = ("", " why", " # noqa: QRY001", "  # convexity: ignore[filter-on-query] twice")
COMMENTS = st.builds("# convexity: {}{}{}".format, *map(st.sampled_from, (VERBS, LISTS, TAILS)))
PLACED = st.dictionaries(
    st.integers(0, len(CODE) - 1), st.tuples(COMMENTS, st.booleans()), max_size=4
)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    root = tmp_path_factory.mktemp("laws")
    (root / "convex").mkdir()
    return load_config(root)


def commented(placed: dict[int, tuple[str, bool]]) -> str:
    lines = []
    for number, line in enumerate(CODE):
        comment, own_line = placed.get(number, ("", False))
        indentation = " " * (len(line) - len(line.lstrip()))
        if comment and (own_line or not line):
            lines.append(indentation + comment)
        lines.append(f"{line}  {comment}" if comment and line and not own_line else line)
    return "\n".join(lines) + "\n"


def check(config: Config, text: str) -> tuple[Diagnostic, ...]:
    session = CheckSession(config.root, config, use_cache=False, processes=1)
    return session.check({PATH: text}).examined


@given(placed=PLACED)
@settings(max_examples=40, deadline=None)
def test_findings_are_silenced_never_lost(
    config: Config, placed: dict[int, tuple[str, bool]]
) -> None:
    found = [entry for entry in check(config, commented(placed)) if entry.rule == "filter-on-query"]

    assert len(found) == 2
    if not any("[filter-on-query]" in text or "QRY001," in text for text, _ in placed.values()):
        assert [entry.silence for entry in found] == [None, None]


@given(placed=PLACED)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_fixes_of_comments_settle_and_leave_the_code_alone(
    config: Config, placed: dict[int, tuple[str, bool]]
) -> None:
    text = commented(placed)
    tree = ast.dump(ast.parse(text))

    for _ in range(12):
        fixes = [
            entry.fix
            for entry in check(config, text)
            if entry.code.startswith("SUP") and entry.fix is not None
        ]
        if not fixes:
            break
        text = apply_edits(text, fixes[0].edits)
        assert ast.dump(ast.parse(text)) == tree
    else:
        pytest.fail(f"still to fix:\n{text}")
