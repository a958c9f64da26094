"""What type checkers say of code that uses generated references: the proof of their types."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.compiler.references.checked_projects import (
    FIXTURES,
    Findings,
    copy_and_generate,
    mypy_findings,
    needs_pyright,
    pyright_findings,
    ruff,
)

CHECKERS = [
    pytest.param(mypy_findings, id="mypy"),
    pytest.param(pyright_findings, id="pyright", marks=needs_pyright),
]


@pytest.fixture(scope="module")
def mistakes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("errors").resolve()
    copy_and_generate("errors", root)
    return root


@pytest.fixture(scope="module")
def features(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("features").resolve()
    copy_and_generate("features", root)
    return root


def marked_lines() -> dict[tuple[str, int], str]:
    """Every line with a mistake, and what is wrong on it."""
    return {
        (path.relative_to(FIXTURES / "errors").as_posix(), number): line.partition("# E: ")[2]
        for path in sorted((FIXTURES / "errors" / "convex").glob("*.py"))
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if "# E: " in line
    }


@pytest.mark.parametrize("check", CHECKERS)
def test_each_mistake_is_reported_and_nothing_else(check, mistakes: Path) -> None:
    found: Findings = check(mistakes)
    expected = marked_lines()
    assert len(expected) > 80
    missed = {place: what for place, what in expected.items() if place not in found}
    assert missed == {}
    surplus = {place: message for place, message in found.items() if place not in expected}
    assert surplus == {}


@pytest.mark.parametrize("check", CHECKERS)
def test_correct_code_has_no_findings(check, features: Path) -> None:
    assert check(features) == {}


@pytest.mark.parametrize("arguments", [("format", "--diff"), ("check",)], ids=lambda a: a[0])
def test_ruff_leaves_generated_code_alone(arguments: tuple[str, ...], features: Path) -> None:
    run = ruff(features, *arguments)
    assert run.returncode == 0, run.stdout + run.stderr


def test_messages_name_the_argument_and_the_table(mistakes: Path) -> None:
    messages = mypy_findings(mistakes)  # from its cache
    by_mistake = {what: messages[place] for place, what in reversed(marked_lines().items())}
    assert by_mistake["argument name"] == (
        'Unexpected keyword argument "channel" for "run_query" of "QueryCaller"; '
        'did you mean "channelId"?'
    )
    assert by_mistake["text for an id"] == (
        'Argument "channelId" to "run_query" of "QueryCaller" has incompatible type "str"; '
        'expected "Id[Channels]"'
    )


def test_the_modules_beside_the_stubs_run(features: Path) -> None:
    program = (
        "import convex.index, convex.shadows, convex.http, convex.crons, convex.messages.access\n"
        "from convex._generated.api import api\n"
        "from convex._generated.data_model import MessagesAccessStatusResult, Users, UsersDoc\n"
        "print(api.messages.access.status, Users.__table_name__, list[UsersDoc])\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=features, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("api.messages.access.status users ")
