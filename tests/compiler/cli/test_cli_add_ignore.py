"""Adopting the checker on old code by comments: ``convexity check --add-ignore``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compiler.cli.cli_support import Run

OLD = '''\
from ._generated.server import QueryCtx, query


@query(args={})
async def texts(ctx: QueryCtx) -> list[str]:
    """Every line here that can be wrong is."""
    rows = ctx.db.query("messages")
    few = rows.filter(is_mine)  # mine
    with_a_long_name = rows.filter(lambda q: q.eq(q.field("author"), "somebody with a name"))
    joined = \\
        rows.filter(lambda q: q.eq(q.field("author"), "you")) \\
        .take(3)
    return [*await few.take(3), *await with_a_long_name.take(3), *await joined]
'''


@pytest.fixture
def old(project: Path) -> Path:
    (project / "convex" / "old.py").write_text(OLD)
    return project


def test_every_finding_gets_a_comment(old: Path, run: Run) -> None:
    result = run("check", "--add-ignore=from before")

    assert result.exit_code == 0
    assert result.stderr == "Silenced 4 findings.\nAll checks passed.\n"
    text = (old / "convex" / "old.py").read_text()
    assert "# mine  # convexity: ignore[filter-on-query] from before\n" in text
    assert "    # convexity: ignore[filter-on-query] from before\n    with_a_long_name" in text
    assert ".take(3)  # convexity: ignore[filter-on-query] from before\n" in text
    assert "# convexity: ignore[missing-returns-validator] from before\nasync def texts" in text


def test_there_is_nothing_left_to_add(old: Path, run: Run) -> None:
    run("check", "--add-ignore")
    once = (old / "convex" / "old.py").read_text()

    assert run("check", "--add-ignore").stderr.startswith("Silenced 0 findings.")
    assert (old / "convex" / "old.py").read_text() == once


def test_comments_that_are_there_are_extended(old: Path, run: Run) -> None:
    path = old / "convex" / "old.py"
    path.write_text(OLD.replace("# mine", "# convexity: ignore[mypy:misc] mine"))

    run("check", "--add-ignore")

    assert "# convexity: ignore[mypy:misc, filter-on-query] mine\n" in path.read_text()
    assert run("check").exit_code == 0


def test_only_in_the_given_paths(old: Path, run: Run) -> None:
    result = run("check", "convex/messages.py", "--add-ignore")

    assert result.stderr.startswith("Silenced 0 findings.")
    assert (old / "convex" / "old.py").read_text() == OLD


def test_line_ends_stay(old: Path, run: Run) -> None:
    path = old / "convex" / "old.py"
    path.write_bytes(OLD.replace("\n", "\r\n").encode())

    run("check", "--add-ignore")

    text = path.read_bytes().decode()
    assert text.count("\r\n") == text.count("\n") > OLD.count("\n")


def test_what_cannot_be_silenced_is_reported(old: Path, run: Run) -> None:
    (old / "convex" / "old.py").write_text("def broken(:\n")

    result = run("check", "--add-ignore=why")

    assert result.exit_code == 1
    assert result.stdout.startswith("error: module cannot be read")
    assert (old / "convex" / "old.py").read_text() == "def broken(:\n"


def test_a_path_is_no_reason(old: Path, run: Run) -> None:
    result = run("check", "--add-ignore", "convex/old.py")

    assert result.exit_code == 2
    assert "give PATHS before --add-ignore, and a reason as --add-ignore=REASON" in result.stderr
    assert (old / "convex" / "old.py").read_text() == OLD


@pytest.mark.parametrize(
    "escape", [r"\n", r"\r", r"\x0b", r"\x0c", r"\x1b", r"\x85", r"\u2028", r"\udcff"]
)
def test_a_reason_that_would_end_its_comment(old: Path, run: Run, escape: str) -> None:
    character = escape.encode().decode("unicode_escape")

    result = run("check", f"--add-ignore=known{character}import os")

    assert result.exit_code == 2
    assert result.stderr.startswith(
        f"error: the reason of --add-ignore has control characters: known{escape}import os\n"
    )
    assert (old / "convex" / "old.py").read_text() == OLD
