"""What all commands have in common."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import import_module

import click
import pytest
from convexity_compiler.cli.main import COMMANDS
from convexity_compiler.rules.registry import all_rules

from tests.compiler.cli.cli_support import Run

HEAVY = ("jinja2", "sqlglot", "pydantic", "fastapi", "watchfiles", "libcst", "httpx")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, run: Run) -> None:
    command = import_module(f"convexity_compiler.cli.{name}").command

    assert isinstance(command, click.Command)
    assert command.name == name
    result = run(name, "--help")
    assert result.exit_code == 0
    assert "Usage: " in result.stdout


def test_help_lists_all_commands(run: Run) -> None:
    result = run("--help")

    assert all(f"  {name} " in result.stdout for name in COMMANDS)


def test_unknown_command(run: Run) -> None:
    result = run("chekc")

    assert result.exit_code == 2
    assert "No such command 'chekc'; did you mean `check`?" in result.stderr
    assert "No such command 'xyz'\n" in run("xyz").stderr


def test_version(run: Run) -> None:
    assert run("--version").stdout.startswith("convexity ")


def test_module_can_be_run() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "convexity_compiler", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.startswith("convexity ")


def imported(*arguments: str) -> set[str]:
    """Modules that a command imports, in a process of its own."""
    code = (
        "import sys\nfrom convexity_compiler.cli import main\n"
        f"try:\n    main({list(arguments)!r})\nexcept SystemExit:\n    pass\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return set(result.stderr.split())


def test_help_imports_no_command() -> None:
    modules = imported("--help")

    assert not modules & {f"convexity_compiler.cli.{name}" for name in COMMANDS}
    assert "convexity_compiler.rules.registry" not in modules


def test_explain_imports_one_rule() -> None:
    modules = imported("explain", "VAL003")

    rules = {name for name in modules if re.fullmatch(r"convexity_compiler\.rules\.\w+\.\w+", name)}
    assert rules == {"convexity_compiler.rules.val.deprecated_bigint"}


@pytest.mark.usefixtures("project")
def test_check_imports_the_standard_library_and_click_alone() -> None:
    modules = imported("check")

    assert not modules & set(HEAVY)
    runtime = {name for name in modules if name.startswith("convexity.")}
    assert runtime <= {
        "convexity.version",
        *(name for name in modules if name.startswith("convexity.values")),
    }


def test_explain_by_name_and_by_code(run: Run) -> None:
    by_name = run("explain", "deprecated-bigint")

    assert by_name.exit_code == 0
    assert by_name.stdout.startswith("# deprecated-bigint (VAL003)\n")
    assert "## Use instead" in by_name.stdout
    assert run("explain", "val003").stdout == by_name.stdout
    assert json.loads(run("explain", "VAL003", "--json").stdout)["name"] == "deprecated-bigint"


def test_explain_lists_a_family(run: Run) -> None:
    result = run("explain", "gen")

    assert result.exit_code == 0
    assert result.stdout.startswith("GEN001  stale-generated-code")
    assert {line[:3] for line in result.stdout.splitlines()} == {"GEN"}
    records = json.loads(run("explain", "GEN", "--json").stdout)
    assert len(records) == len(result.stdout.splitlines())


def test_explain_suggests_the_nearest_rule(run: Run) -> None:
    result = run("explain", "depricated-bigint")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "did you mean `deprecated-bigint`?" in result.stderr


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mypy:arg-type", "mypy explains https://"),
        ("SUP006", "what a check that fails is called"),
        ("internal-error", "what a check that fails is called"),
    ],
)
def test_explain_tells_what_is_no_rule(name: str, words: str, run: Run) -> None:
    result = run("explain", name)

    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


def test_rules_lists_every_rule(run: Run) -> None:
    lines = run("rules").stdout.splitlines()
    records = json.loads(run("rules", "--json").stdout)

    assert len(lines) == len(records) == len(all_rules())
    assert [record["code"] for record in records] == [rule.code for rule in all_rules()]
    assert {frozenset(record) for record in records} == {
        frozenset(
            {
                *("name", "code", "family", "category", "severity", "recommendedSeverity"),
                *("since", "edition", "onDemand", "scope", "fixable", "documentation"),
            }
        )
    }


def test_an_internal_error_says_so(
    project: object, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from convexity_compiler.cli import pipeline

    def fail(*_arguments: object, **_options: object) -> None:
        raise KeyError("boom")

    monkeypatch.setattr(pipeline, "findings", fail)

    result = run("check")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "internal error: KeyError: 'boom'" in result.stderr
    assert "bug in convexity, not in your project" in result.stderr
