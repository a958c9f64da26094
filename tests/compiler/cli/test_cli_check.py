"""``convexity check`` from the outside."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from tests.compiler.cli.cli_support import Run

BARE = """\
from convexity.values import v

from ._generated.server import QueryCtx, query

EMPTY = v.null()


@query  # no validators
async def ping(ctx: QueryCtx) -> None: ...
"""


def test_a_sound_project(project: Path, run: Run) -> None:
    result = run("check")

    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "All checks passed.\n")


def test_findings_go_to_stdout_and_their_number_to_stderr(broken: Path, run: Run) -> None:
    result = run("check")

    assert result.exit_code == 1
    assert result.stdout.startswith("error: `@query` registers `ping` without validators")
    assert result.stderr == "\nFound 1 error. 1 fixable with `--fix`.\n"


def test_concise_output_has_no_summary(broken: Path, run: Run) -> None:
    result = run("check", "--output-format", "concise")

    assert result.stdout == (
        "convex/ping.py:8:2: error: `@query` registers `ping` without validators"
        " (bare-registration, FUN003)\n"
    )
    assert result.stderr == ""


def test_json_is_a_document_even_without_findings(project: Path, run: Run) -> None:
    assert json.loads(run("check", "--output-format", "json").stdout)["diagnostics"] == []


def test_fix_writes_the_file(broken: Path, run: Run) -> None:
    result = run("check", "--fix")

    assert result.exit_code == 0
    assert (
        result.stderr
        == "Fixed 1 finding in 1 file:\n  convex/ping.py: bare-registration\nAll checks passed.\n"
    )
    text = (broken / "convex" / "ping.py").read_text()
    assert "@query(args={}, returns=v.null())  # no validators\n" in text


def test_fix_keeps_byte_order_mark_and_line_ends(broken: Path, run: Run) -> None:
    path = broken / "convex" / "ping.py"
    path.write_bytes(b"\xef\xbb\xbf" + BARE.replace("\n", "\r\n").encode())

    run("check", "--fix")

    fixed = BARE.replace("@query ", "@query(args={}, returns=v.null()) ")
    assert path.read_bytes() == b"\xef\xbb\xbf" + fixed.replace("\n", "\r\n").encode()


def test_fix_keeps_the_encoding(broken: Path, run: Run) -> None:
    path = broken / "convex" / "ping.py"
    text = f"# -*- coding: latin-1 -*-\nNAME = 'café'\n{BARE}"
    path.write_text(text, encoding="latin-1")

    run("check", "--fix")

    fixed = text.replace("@query ", "@query(args={}, returns=v.null()) ")
    assert path.read_text(encoding="latin-1") == fixed


def test_a_file_that_cannot_be_written(
    broken: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: str, target: str) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(target))

    monkeypatch.setattr(os, "replace", refuse)

    result = run("check", "--fix")

    assert result.exit_code == 2
    assert result.stderr == f"error: {broken / 'convex' / 'ping.py'}: Permission denied\n"
    assert [path.name for path in (broken / "convex").glob("tmp*")] == []


def test_an_interrupt_leaves_the_files_as_they_were(
    broken: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (broken / "convex" / "pong.py").write_text(BARE)
    replace, targets = os.replace, []

    def interrupted(source: str | Path, target: str | Path) -> None:
        name = Path(target).name
        if name in ("ping.py", "pong.py"):
            targets.append(name)
            if len(targets) == 2:
                raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(os, "replace", interrupted)

    assert run("check", "--fix").exit_code == 1
    assert targets == ["ping.py", "pong.py", "ping.py"]
    assert (broken / "convex" / "ping.py").read_text() == BARE
    assert (broken / "convex" / "pong.py").read_text() == BARE
    assert [path.name for path in (broken / "convex").glob("tmp*")] == []


def test_no_temporary_file_is_left_when_its_mode_cannot_be_set(
    broken: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, mode: int) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted", str(path))

    monkeypatch.setattr(Path, "chmod", refuse)

    result = run("check", "--fix")

    assert result.exit_code == 2
    assert result.stderr.endswith("Operation not permitted\n")
    assert (broken / "convex" / "ping.py").read_text() == BARE
    assert [path.name for path in (broken / "convex").glob("tmp*")] == []


def test_diff_shows_the_fix_and_writes_nothing(broken: Path, run: Run) -> None:
    result = run("check", "--diff")

    assert result.exit_code == 1
    assert "-@query  # no validators\n+@query(args={}, returns=v.null())" in result.stdout
    assert (broken / "convex" / "ping.py").read_text() == BARE


def test_diff_without_anything_to_fix(project: Path, run: Run) -> None:
    result = run("check", "--diff")

    assert (result.exit_code, result.stdout) == (0, "")


def test_paths_narrow_what_is_reported(broken: Path, run: Run) -> None:
    assert run("check", "convex/messages.py").exit_code == 0
    assert run("check", "convex/ping.py").exit_code == 1
    assert run("check", "convex").exit_code == 1


@pytest.mark.parametrize("command", ["check", "fix"])
@pytest.mark.parametrize("path", ["..", "pyproject.toml", "scripts", "convex/notes.txt"])
def test_paths_that_hold_no_functions_are_refused(
    broken: Path, run: Run, command: str, path: str
) -> None:
    (broken / "scripts").mkdir()
    (broken / "convex" / "notes.txt").touch()
    result = run(command, path)

    assert (result.exit_code, result.stdout) == (2, "")
    reason = "no Python file" if path.endswith(".txt") else "outside the functions folder"
    assert result.stderr.startswith(f"error: {path} is {reason}\nhelp: name files or folders in ")


def test_a_path_that_does_not_exist_is_refused(broken: Path, run: Run) -> None:
    result = run("check", "convex/absent.py")

    assert result.exit_code == 2
    assert "'convex/absent.py' does not exist" in result.stderr


def test_the_project_root_is_a_path_of_all(broken: Path, run: Run) -> None:
    assert run("check", ".").exit_code == 1


def test_rules_can_be_ignored(broken: Path, run: Run) -> None:
    assert run("check", "--ignore", "FUN003").exit_code == 0
    assert run("check", "--ignore", "bare-registration").exit_code == 0


def test_exit_zero(broken: Path, run: Run) -> None:
    result = run("check", "--exit-zero")

    assert result.exit_code == 0
    assert "bare-registration" in result.stdout


def test_warnings_fail_only_when_told_to(project: Path, run: Run) -> None:
    (project / "convex" / "views.py").write_text(
        "from convexity.values import v\n\nviews = v.bigint()\n\n"
        "from ._generated.server import QueryCtx, query\n\n\n"
        '@query(args={"views": v.bigint()}, returns=v.null())\n'
        "async def popular(ctx: QueryCtx, views: int) -> None: ...\n"
    )
    assert run("check").exit_code == 0

    (project / "pyproject.toml").write_text('[tool.convexity]\nfail-on = "warning"\n')
    assert run("check").exit_code == 1


def test_severity_can_be_set(broken: Path, run: Run) -> None:
    (broken / "pyproject.toml").write_text(
        '[tool.convexity]\nseverity = { bare-registration = "warning" }\n'
    )

    result = run("check")

    assert result.exit_code == 0
    assert result.stdout.startswith("warning: ")


def test_files_can_be_exempt(broken: Path, run: Run) -> None:
    (broken / "pyproject.toml").write_text(
        '[tool.convexity]\nper-file-ignores = { "convex/p*.py" = ["FUN003"] }\n'
    )

    assert run("check").exit_code == 0


@pytest.mark.parametrize(
    "line",
    [
        "@query  # convexity: ignore[bare-registration] so be it",
        "@query  # convexity: ignore[FUN003]",
        "# convexity: ignore[bare-registration] so be it\n@query",
        "# convexity: file-ignore[bare-registration] so be it\n@query",
        "# convexity: disable[bare-registration] so be it\n@query",
    ],
)
def test_comments_silence_findings(broken: Path, run: Run, line: str) -> None:
    path = broken / "convex" / "ping.py"
    path.write_text(BARE.replace("@query  # no validators", line))
    assert run("check").exit_code == 0

    (broken / "pyproject.toml").write_text(
        '[tool.convexity]\nunsuppressible = ["bare-registration"]\n'
    )
    assert run("check").exit_code == 1


@pytest.mark.parametrize(
    "line",
    [
        "@query  # convexity: ignore[FUN001]",
        "@query  # convexity: ignore",
        "# convexity: disable[FUN003]\n# convexity: enable[FUN003]\n\n@query",
    ],
)
def test_other_comments_do_not(broken: Path, run: Run, line: str) -> None:
    path = broken / "convex" / "ping.py"
    path.write_text(BARE.replace("@query  # no validators", line))

    assert run("check").exit_code == 1


def test_a_comment_on_its_own_line_covers_a_decorated_header(project: Path, run: Run) -> None:
    (project / "convex" / "ping.py").write_text(
        "from ._generated.server import QueryCtx, query\n\n\n"
        "# convexity: ignore[FUN001, FUN002] to be written\n"
        "@query(\n)\n"
        "async def ping(ctx: QueryCtx) -> None: ...\n"
    )

    assert run("check").exit_code == 0


def test_a_comment_on_its_own_line_covers_a_statement(project: Path, run: Run) -> None:
    (project / "convex" / "helpers.py").write_text(
        "from ._generated.server import QueryCtx\n\n\n"
        "async def count(ctx: QueryCtx) -> int:\n"
        "    # convexity: ignore[filter-on-query] few rows\n"
        "    rows = (\n"
        '        ctx.db.query("messages")\n'
        "        .filter(lambda q: q.gt(q.field('n'), 1))\n"
        "    )\n"
        "    return len(await rows.filter(lambda q: q.lt(q.field('n'), 3)).take(5))\n"
    )

    result = run("check", "--output-format", "concise")

    assert [line.split(":")[1] for line in result.stdout.splitlines()] == ["10"]


def test_configuration_mistakes_exit_with_2(project: Path, run: Run) -> None:
    (project / "pyproject.toml").write_text("[tool.convexity]\nfunction = 1\n")

    result = run("check")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")
    assert result.stderr.endswith("did you mean `functions`?\n")


def test_unknown_rules_exit_with_2(project: Path, run: Run) -> None:
    result = run("check", "--select", "missing-args-validators")

    assert result.exit_code == 2
    assert "did you mean `missing-args-validator`?" in result.stderr


def test_a_project_without_functions_exits_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    monkeypatch.chdir(tmp_path)

    result = run("check")

    assert result.exit_code == 2
    assert f"{tmp_path} has no functions folder `convex`" in result.stderr
    assert "convexity init" in result.stderr


def test_project_option(broken: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")

    assert run("check", "--project", str(broken)).exit_code == 1


def test_a_long_line_is_shown_around_the_finding(project: Path, run: Run) -> None:
    text = "x = " + "1 + " * 2000 + "missing_parenthesis) + " + "1 + " * 2000 + "1\n"
    (project / "convex" / "long.py").write_text(text)

    result = run("check")

    frame = [line for line in result.stdout.splitlines() if "|" in line]
    source, marks = frame[1], frame[2]
    assert all(len(line) < 300 for line in frame)
    assert source.startswith("1 | …")
    assert source.endswith("…")
    assert source[marks.index("^")] == ")"
