"""mypy's findings among ours: ``convexity check --types``."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from convexity_compiler.cli import type_checking

from tests.compiler.cli.cli_support import Run

WRONG = '''\
from convexity.values import v

from ._generated.server import QueryCtx, query


@query(args={}, returns=v.string())
async def ping(ctx: QueryCtx) -> str:
    """Answer."""
    number: int = "pöng"
    return f"{number}"
'''


@pytest.fixture
def mistyped(project: Path, run: Run) -> Path:
    (project / "convex" / "ping.py").write_text(WRONG)
    run("codegen")
    return project


def records(run: Run, *options: str) -> list[dict[str, object]]:
    output = run("check", "--types", "--output-format", "json", *options).stdout
    found: list[dict[str, object]] = json.loads(output)["diagnostics"]
    return found


def test_findings_join_the_report(mistyped: Path, run: Run) -> None:
    assert run("check").exit_code == 0

    result = run("check", "--types")

    assert result.exit_code == 1
    assert result.stdout.startswith("error: Incompatible types in assignment")
    assert "(mypy:assignment)\n --> convex/ping.py:9:19\n" in result.stdout
    assert "\n9 |     number: int = " in result.stdout
    assert result.stderr == "\nFound 1 error.\n"


def test_records_name_mypy(mistyped: Path, run: Run) -> None:
    [record] = records(run)

    assert (record["rule"], record["code"]) == ("mypy:assignment", "mypy:assignment")
    assert str(record["documentation"]).endswith("#code-assignment")
    assert record["start"] == {"line": 9, "column": 19}


def test_our_comments_silence_them(mistyped: Path, run: Run) -> None:
    path = mistyped / "convex" / "ping.py"
    silenced = WRONG.replace('"pöng"', '"pöng"  # convexity: ignore[mypy:assignment] an example')
    path.write_text(silenced)

    assert run("check", "--types").exit_code == 0
    path.write_text(silenced.replace("mypy:assignment", "mypy:arg-type"))
    assert [record["rule"] for record in records(run)] == ["mypy:assignment", "unused-suppression"]
    assert run("check").exit_code == 0


def test_settings_apply_to_them(mistyped: Path, run: Run) -> None:
    settings = mistyped / "pyproject.toml"

    settings.write_text('[tool.convexity]\nseverity = { "mypy:assignment" = "warning" }\n')
    assert [record["severity"] for record in records(run)] == ["warning"]
    settings.write_text('[tool.convexity]\nignore = ["mypy:assignment"]\n')
    assert records(run) == []
    settings.write_text(
        '[tool.convexity]\nper-file-ignores = { "convex/p*" = ["mypy:assignment"] }\n'
    )
    assert records(run) == []


def test_the_baseline_holds_them_only_with_types(mistyped: Path, run: Run) -> None:
    assert "holds 0 findings" in run("baseline", "write").stderr
    assert "holds 1 finding" in run("baseline", "write", "--types").stderr

    assert run("check", "--types").exit_code == 0


def test_syntax_errors_are_reported_once(project: Path, run: Run) -> None:
    (project / "convex" / "ping.py").write_text("def ping(:\n")

    assert [record["rule"] for record in records(run)] == ["syntax-error"]


def test_a_mypy_that_fails_says_why(mistyped: Path, run: Run) -> None:
    (mistyped / "mypy.ini").write_text("[mypy]\nplugins = no_such_plugin\n")

    result = run("check", "--types")

    assert result.exit_code == 2
    assert "mypy failed" in result.stderr
    assert "no_such_plugin" in result.stderr


def test_without_mypy(mistyped: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type_checking, "find_spec", lambda _name: None)
    monkeypatch.setattr(shutil, "which", lambda _name: None)

    result = run("check", "--types")

    assert result.exit_code == 2
    assert "--types needs mypy, which is not installed" in result.stderr
    assert "pip install mypy" in result.stderr


@pytest.mark.skipif(importlib.util.find_spec("mypy.dmypy") is None, reason="needs dmypy")
def test_the_daemon_is_asked_where_it_runs(mistyped: Path, run: Run) -> None:
    def daemon(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "mypy.dmypy", *arguments],
            cwd=mistyped,
            capture_output=True,
            text=True,
            check=False,
        )

    assert daemon("start", "--", "--show-column-numbers").returncode == 0
    try:
        [record] = records(run)
        assert record["rule"] == "mypy:assignment"
        assert record["start"] == {"line": 9, "column": 19}
        assert daemon("status").returncode == 0
    finally:
        daemon("stop")


def test_mypy_ends_with_a_check_that_fails(
    mistyped: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[str]] = []

    class Recorded(subprocess.Popen[str]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            started.append(self)

    monkeypatch.setattr(type_checking.subprocess, "Popen", Recorded)

    assert run("check", "--types", "--select", "no-such-rule").exit_code == 2
    assert [process.poll() is not None for process in started] == [True]
