"""Adopting the checker on old code: ``convexity baseline``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.compiler.cli.cli_support import Run

FILE = "convexity-baseline.json"


@pytest.fixture
def adopted(broken: Path, run: Run) -> Path:
    """A project with one finding, which is in the baseline."""
    assert run("baseline", "write").stderr == f"{FILE} holds 1 finding.\n"
    return broken


def test_known_findings_do_not_count(adopted: Path, run: Run) -> None:
    result = run("check")

    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "All checks passed.\n")
    assert "silenced: in the baseline" in run("check", "--show-suppressed").stdout


def test_new_findings_do(adopted: Path, run: Run) -> None:
    path = adopted / "convex" / "ping.py"
    path.write_text(
        "import json\n"
        + path.read_text()
        + "\n\n@query\nasync def pong(ctx: QueryCtx) -> None: ...\n"
    )

    result = run("check", "--output-format", "concise")

    assert result.exit_code == 1
    [line] = result.stdout.splitlines()
    assert "registers `pong`" in line


def test_findings_that_are_gone_are_told_and_pruned(adopted: Path, run: Run) -> None:
    path = adopted / "convex" / "ping.py"
    before = path.read_text()
    path.write_text(before.replace("@query ", "@query(args={}, returns=v.null()) "))
    told = "1 finding of convexity-baseline.json is gone; `convexity baseline prune` forgets"

    assert told in run("check").stderr
    assert run("baseline", "prune").stderr == f"1 finding removed, 0 findings left in {FILE}.\n"
    assert told not in run("check").stderr
    path.write_text(before)
    assert run("check").exit_code == 1


def test_prune_adds_nothing(adopted: Path, run: Run) -> None:
    (adopted / "convex" / "pong.py").write_text(
        (adopted / "convex" / "ping.py").read_text().replace("def ping", "def pong")
    )
    before = (adopted / FILE).read_text()

    run("baseline", "prune")

    assert (adopted / FILE).read_text() == before
    assert run("check").exit_code == 1


def test_comments_silence_before_the_baseline(adopted: Path, run: Run) -> None:
    path = adopted / "convex" / "ping.py"
    path.write_text(
        path.read_text().replace("# no validators", "# convexity: ignore[FUN003] an example")
    )

    assert run("baseline", "prune").stderr.startswith("1 finding removed")
    assert run("check").exit_code == 0


def test_the_file_can_have_another_name(broken: Path, run: Run) -> None:
    (broken / "pyproject.toml").write_text('[tool.convexity]\nbaseline = "ci/known.json"\n')

    run("baseline", "write")

    known = json.loads((broken / "ci" / "known.json").read_text())
    assert list(known["findings"]) == ["convex/ping.py"]
    assert run("check").exit_code == 0


def test_prune_without_a_baseline(project: Path, run: Run) -> None:
    result = run("baseline", "prune")

    assert result.exit_code == 2
    assert "`convexity baseline write` makes it" in result.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not valid JSON"),
        ("[]", "not a baseline of version 1"),
        ('{"version": 2, "findings": {}}', "not a baseline of version 1"),
        ('{"version": 1, "findings": {"a.py": ["x"]}}', "lists of fingerprints"),
    ],
)
def test_files_that_are_no_baseline(broken: Path, run: Run, text: str, words: str) -> None:
    (broken / FILE).write_text(text)

    result = run("check")

    assert result.exit_code == 2
    assert words in result.stderr
    assert "help: restore the file" in result.stderr
