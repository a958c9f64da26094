"""Where ``convexity check`` writes what: formats, files, colours, counts, failures."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from convexity_compiler.cli import pipeline
from convexity_compiler.diagnostics.formats import FOR_PEOPLE, OUTPUT_FORMATS
from junitparser import JUnitXml

from tests.compiler.cli.cli_support import Run

MACHINE = [name for name in OUTPUT_FORMATS if name not in FOR_PEOPLE]


def parsed(text: str, output_format: str) -> Any:
    """What a program makes of the output; fails when it is not well-formed."""
    match output_format:
        case "jsonl":
            return [json.loads(line) for line in text.splitlines()]
        case "junit":
            return JUnitXml.fromstring(text.encode())
        case "github":
            assert all(line.startswith("::") for line in text.splitlines())
            return text
        case _:
            return json.loads(text)


@pytest.mark.parametrize("output_format", OUTPUT_FORMATS)
def test_findings_into_a_file(broken: Path, run: Run, output_format: str) -> None:
    result = run("check", "--output-format", output_format, "--output-file", "out/findings")

    assert (result.exit_code, result.stdout) == (1, "")
    text = (broken / "out" / "findings").read_text()
    assert "bare-registration" in text
    assert text == run("check", "--output-format", output_format).stdout
    assert [path.name for path in (broken / "out").iterdir()] == ["findings"]


def test_the_file_is_replaced_whole(broken: Path, run: Run) -> None:
    (broken / "findings").write_text("old\n" * 1000)

    run("check", "--output-format", "concise", "--output-file", "findings")

    assert (broken / "findings").read_text().count("\n") == 1


def test_a_device_can_be_written_to(broken: Path, run: Run) -> None:
    result = run("check", "--output-file", os.devnull)

    assert (result.exit_code, result.stdout) == (1, "")
    assert Path(os.devnull).is_char_device()


def test_a_pipe_can_be_written_to(broken: Path, run: Run) -> None:
    os.mkfifo(broken / "pipe")
    reader = os.open(broken / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    with open(reader, encoding="utf-8") as pipe:
        assert run("check", "--output-file", "pipe").exit_code == 1
        assert "bare-registration" in pipe.read()
    assert (broken / "pipe").is_fifo()


def test_links_stay(broken: Path, run: Run) -> None:
    (broken / "out").mkdir()
    (broken / "out" / "findings").write_text("old\n")
    (broken / "link").symlink_to("out/findings")
    (broken / "dangling").symlink_to("out/new")

    for link, target in (("link", "findings"), ("dangling", "new")):
        run("check", "--output-format", "concise", "--output-file", link)

        assert (broken / link).is_symlink()
        assert (broken / "out" / target).read_text().startswith("convex/ping.py:")


def test_an_open_file_is_added_to(broken: Path, run: Run) -> None:
    with (broken / "log").open("w+") as log:
        log.write("before\n")
        log.flush()

        run("check", "--output-format", "concise", "--output-file", f"/proc/self/fd/{log.fileno()}")

        log.seek(0)
        assert log.read().startswith("before\nconvex/ping.py:")


def test_a_file_that_cannot_be_written(broken: Path, run: Run) -> None:
    (broken / "occupied").write_text("")

    result = run("check", "--output-file", "occupied/findings")

    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")


@pytest.mark.parametrize("output_format", MACHINE)
@pytest.mark.parametrize(
    ("failure", "words"),
    [
        ("config", "did you mean `functions`?"),
        ("rule", "did you mean `bare-registration`?"),
        ("folder", "has no functions folder"),
        ("internal", "KeyError: 'boom'"),
        ("baseline", "not valid JSON"),
    ],
)
def test_failures_are_well_formed(
    broken: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    output_format: str,
    failure: str,
    words: str,
) -> None:
    settings = {
        "config": "\nfunction = 'convex'\n",
        "rule": "\nignore = ['bare-registraton']\n",
        "folder": "\nfunctions = 'backend'\n",
    }
    (broken / "pyproject.toml").write_text(f"[tool.convexity]{settings.get(failure, '')}")
    if failure == "baseline":
        (broken / "convexity-baseline.json").write_text("{")
    if failure == "internal":

        def fail(*_arguments: object, **_options: object) -> None:
            raise KeyError("boom")

        monkeypatch.setattr(pipeline, "findings", fail)

    result = run("check", "--output-format", output_format)

    assert result.exit_code == 2
    parsed(result.stdout, output_format)
    told = result.stdout.replace("&apos;", "'").replace("%3A", ":").replace("&#x27;", "'")
    assert words in told
    assert words in result.stderr


def test_a_failure_names_the_setting(
    broken: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(broken / "convex")
    (broken / "pyproject.toml").write_text('[project]\nname = "x"\n[tool.convexity]\nselekt = []\n')

    [record] = json.loads(run("check", "--output-format", "json").stdout)["diagnostics"]

    assert (record["rule"], record["code"]) == ("invalid-config", "SUP006")
    assert (record["path"], record["start"]["line"]) == ("pyproject.toml", 4)


@pytest.mark.parametrize("output_format", MACHINE)
def test_syntax_errors_are_findings(project: Path, run: Run, output_format: str) -> None:
    (project / "convex" / "ping.py").write_text("def ping(:\n")

    result = run("check", "--output-format", output_format)

    assert result.exit_code == 1
    parsed(result.stdout, output_format)
    assert "syntax-error" in result.stdout


@pytest.mark.parametrize("output_format", OUTPUT_FORMATS)
def test_what_is_not_unicode_is_escaped(project: Path, run: Run, output_format: str) -> None:
    (project / "convex" / os.fsdecode(b"caf\xe9.py")).write_text("def broken(:\n")
    (project / "convex" / "tables.py").write_text(
        (project / "convex" / "messages.py").read_text().replace('"messages")', r'"\ud800")')
    )

    result = run("check", "--output-format", output_format)

    assert result.exit_code == 1
    assert r"\ud800" in result.stdout
    assert "caf" in result.stdout
    if output_format in MACHINE:
        parsed(result.stdout, output_format)


def test_unknown_formats_are_wrong_usage(project: Path, run: Run) -> None:
    result = run("check", "--output-format", "xml")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "'xml' is not one of" in result.stderr


@pytest.mark.parametrize(("color", "expected"), [("always", True), ("never", False)])
def test_colour_on_demand(broken: Path, run: Run, color: str, expected: bool) -> None:
    assert ("\x1b[" in run("check", "--color", color).stdout) is expected


def test_no_colour_in_files_unless_asked_for(broken: Path, run: Run) -> None:
    run("check", "--output-file", "plain")
    run("check", "--output-file", "coloured", "--color", "always")

    assert "\x1b[" not in (broken / "plain").read_text()
    assert "\x1b[" in (broken / "coloured").read_text()


def test_statistics(broken: Path, run: Run) -> None:
    other = (broken / "convex" / "ping.py").read_text().replace("def ping", "def pong")
    (broken / "convex" / "pong.py").write_text(
        other + "\n\n@query(args={})\nasync def late(ctx: QueryCtx) -> None: ...\n"
    )

    result = run("check", "--statistics")

    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "2  bare-registration (FUN003), 2 fixable"
    assert lines[1].startswith("1  missing-returns-validator (FUN002)")
    records = json.loads(run("check", "--statistics", "--output-format", "json").stdout)
    assert [(record["rule"], record["count"]) for record in records] == [
        ("bare-registration", 2),
        ("missing-returns-validator", 1),
    ]


def test_statistics_have_no_sarif(broken: Path, run: Run) -> None:
    result = run("check", "--statistics", "--output-format", "sarif")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "--statistics has no format sarif" in result.stderr


SILENCED = "@query  # convexity: ignore[bare-registration] an example"


@pytest.fixture
def silenced(broken: Path) -> Path:
    path = broken / "convex" / "ping.py"
    path.write_text(path.read_text().replace("@query  # no validators", SILENCED))
    return broken


def test_silenced_findings_can_be_shown(silenced: Path, run: Run) -> None:
    assert run("check").stdout == ""

    result = run("check", "--show-suppressed")

    assert result.exit_code == 0
    assert "\nsilenced: an example\n" in result.stdout
    assert result.stderr == "All checks passed.\n"
    [record] = json.loads(run("check", "--show-suppressed", "--output-format", "json").stdout)[
        "diagnostics"
    ]
    assert record["suppression"] == {"kind": "comment", "reason": "an example"}


def test_sarif_has_silenced_findings_in_any_case(silenced: Path, run: Run) -> None:
    log = json.loads(run("check", "--output-format", "sarif").stdout)

    [result] = log["runs"][0]["results"]
    assert result["suppressions"][0]["justification"] == "an example"


def test_unsuppressible_findings_point_to_the_comment(silenced: Path, run: Run) -> None:
    (silenced / "pyproject.toml").write_text('[tool.convexity]\nunsuppressible = ["FUN003"]\n')

    result = run("check")

    assert result.exit_code == 1
    assert "no comment silences this rule: it is among `unsuppressible`" in result.stdout
    assert "unused-suppression" not in result.stdout


def test_noqa_is_told_the_new_spelling(broken: Path, run: Run) -> None:
    path = broken / "convex" / "ping.py"
    path.write_text(path.read_text().replace("# no validators", "# noqa: FUN003, E501"))

    result = run("check")

    assert result.exit_code == 1
    assert "write `# convexity: ignore[bare-registration] why` to silence this" in result.stdout


def test_timing_goes_to_stderr_by_phase_and_rule(broken: Path, run: Run) -> None:
    plain = run("check", "--output-format", "concise")

    result = run("check", "--output-format", "concise", "--timing")

    assert result.exit_code == plain.exit_code == 1
    assert result.stdout == plain.stdout
    phases, rules = result.stderr.strip().split("\n\n")
    row = re.compile(r"(\S.*?)  +\d+\.\d ms")
    assert [row.fullmatch(line)[1] for line in phases.splitlines()] == [  # type: ignore[index]
        "read and summarise",
        "link and check",
    ]
    names = {row.fullmatch(line)[1] for line in rules.splitlines()}  # type: ignore[index]
    assert {"bare-registration", "unknown-index", "unused-suppression"} <= names
