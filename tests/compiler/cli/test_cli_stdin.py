"""Checking what an editor has not saved: ``convexity check --stdin-filename``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.compiler.cli.cli_support import Run


def test_the_text_stands_for_the_file(broken: Path, run: Run) -> None:
    path = broken / "convex" / "ping.py"
    sound = path.read_text().replace("@query ", "@query(args={}, returns=v.null()) ")

    assert run("check", "--stdin-filename", "convex/ping.py", stdin=sound).exit_code == 0
    assert run("check", "--stdin-filename", "convex/messages.py", stdin="x = 1\n").exit_code == 0
    assert "no validators" in path.read_text()


def test_findings_quote_the_text(project: Path, run: Run) -> None:
    unsaved = "# new\n\n\ndef ping(:\n"

    result = run("check", "--stdin-filename", "convex/new.py", stdin=unsaved)

    assert result.exit_code == 1
    assert " --> convex/new.py:4:10\n" in result.stdout
    assert "4 | def ping(:" in result.stdout
    [record] = json.loads(
        run(
            "check", "--stdin-filename", "convex/new.py", "--output-format", "json", stdin=unsaved
        ).stdout
    )["diagnostics"]
    assert record["path"] == "convex/new.py"


def test_only_that_file_is_reported(broken: Path, run: Run) -> None:
    result = run("check", "--stdin-filename", "convex/other.py", stdin="x = 1\n")

    assert (result.exit_code, result.stdout) == (0, "")


def test_files_outside_of_the_project(project: Path, run: Run) -> None:
    result = run("check", "--stdin-filename", "../elsewhere.py", stdin="x = 1\n")

    assert result.exit_code == 2
    assert "is not in the project" in result.stderr


@pytest.mark.parametrize("name", ["", ".", "convex", "convex/notes.txt", "folder.py"])
def test_what_is_no_python_file(project: Path, run: Run, name: str) -> None:
    (project / "folder.py").mkdir()

    result = run("check", "--stdin-filename", name, stdin="x = 1\n")

    assert result.exit_code == 2
    assert f"--stdin-filename {name!r} is no Python file" in result.stderr


def test_undecodable_text(project: Path, run: Run) -> None:
    result = run("check", "--stdin-filename", "convex/a.py", stdin=b"\n\n\nx = '\xff'\n")

    assert result.exit_code == 2
    assert "byte 0xff is not valid utf-8" in result.stderr


@pytest.mark.parametrize("option", ["--fix", "--diff", "--add-ignore", "convex"])
def test_nothing_can_be_changed(project: Path, run: Run, option: str) -> None:
    result = run("check", "--stdin-filename", "convex/a.py", option, stdin="")

    assert result.exit_code == 2
    assert "--stdin-filename goes with no PATHS, and changes nothing" in result.stderr
