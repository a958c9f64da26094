"""The output formats of findings."""

from __future__ import annotations

import io
import json
from pathlib import Path

import jsonschema_rs
import pytest
from convexity_compiler.cli.output import wants_color
from convexity_compiler.diagnostics import Diagnostic, Edit, Fix, Label, Silence
from convexity_compiler.diagnostics.formats import OUTPUT_FORMATS, OutputFormat, render
from convexity_compiler.diagnostics.sources import Sources
from convexity_compiler.records import replace
from convexity_compiler.span import Span
from hypothesis import given
from hypothesis import strategies as st

SCHEMA = Path(__file__).parents[3] / "docs" / "reference" / "diagnostics.schema.json"


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    (tmp_path / "convex").mkdir()
    (tmp_path / "convex" / "messages.py").write_text(
        "\n" * 40 + '        .with_index("by_chanel").eq("channelId", channel_id)\n'
    )
    (tmp_path / "convex" / "schema.py").write_text(
        "\n" * 17 + '    ).index("by_channel", ["channelId"]),\n'
    )
    return Sources(tmp_path)


FINDING = Diagnostic(
    rule="unknown-index",
    code="QRY004",
    severity="error",
    category="correctness",
    path="convex/messages.py",
    span=Span(41, 21, 41, 32),
    message="`messages.by_chanel` is not an index of table `messages`",
    label="did you mean `by_channel`?",
    help='replace with "by_channel"',
    labels=(
        Label(path="convex/schema.py", span=Span(18, 7, 18, 41), message="index defined here"),
    ),
    fix=Fix(
        title='replace with "by_channel"',
        applicability="unsafe",
        edits=(Edit(path="convex/messages.py", span=Span(41, 21, 41, 32), text='"by_channel"'),),
    ),
)


def test_full_frames_the_source(sources: Sources) -> None:
    assert render([FINDING], sources, "full") == (
        """\
error: `messages.by_chanel` is not an index of table `messages` (unknown-index, QRY004)
  --> convex/messages.py:41:21
   |
41 |         .with_index("by_chanel").eq("channelId", channel_id)
   |                     ^^^^^^^^^^^ did you mean `by_channel`?
   |
  ::: convex/schema.py:18:7
   |
18 |     ).index("by_channel", ["channelId"]),
   |       ---------------------------------- index defined here
help: replace with "by_channel" (unsafe fix available)
"""
    )


@pytest.mark.parametrize("output_format", ["full", "concise", "grouped", "github"])
def test_what_steers_a_terminal_is_escaped(tmp_path: Path, output_format: OutputFormat) -> None:
    path = "convex/a\n::error::b\x1b[2J.py"
    finding = replace(
        FINDING,
        path=path,
        message="no table `\x1b]0;c\x07\n::error::d`",
        label="\x1be",
        help="\x1bf",
        labels=(Label(path=path, span=Span(1, 1, 1, 1), message="\x1bg"),),
    )
    text = render([finding], Sources(tmp_path, {path: 41 * "x = '\x1b'\n"}), output_format)

    assert [character for character in text if ord(character) < 32 and character != "\n"] == []
    assert "\n::error::" not in text
    assert r"no table `\x1b]0;c\x07\n" in text


def test_full_separates_findings_with_an_empty_line(sources: Sources) -> None:
    report = render([FINDING, FINDING], sources, "full")

    assert report.count("\n\nerror: ") == 1


def test_full_colours_only_when_asked(sources: Sources) -> None:
    assert "\x1b[" not in render([FINDING], sources, "full")
    assert "\x1b[" in render([FINDING], sources, "full", color=True)


@pytest.mark.parametrize(
    ("line", "span", "marked"),
    [
        ("\tx = y", Span(1, 2, 1, 3), "    ^"),
        ("x = '日本', y", Span(1, 5, 1, 9), "    ^^^^^^"),
        ("x = f(", Span(1, 5, 3, 2), "    ^^"),
        ("x", Span(1, 2, 1, 2), " ^"),
    ],
)
def test_marks_stand_below_their_source(tmp_path: Path, line: str, span: Span, marked: str) -> None:
    (tmp_path / "a.py").write_text(f"{line}\n\n)\n")
    finding = Diagnostic(
        rule="r",
        code="PRJ001",
        severity="warning",
        category="style",
        path="a.py",
        span=span,
        message="m",
    )

    assert render([finding], Sources(tmp_path), "full").splitlines()[4] == f"  | {marked}"


@pytest.mark.parametrize(
    ("is_terminal", "no_color", "expected"),
    [(True, "", True), (True, "1", False), (False, "", False)],
)
def test_colour_is_for_terminals(
    monkeypatch: pytest.MonkeyPatch, is_terminal: bool, no_color: str, expected: bool
) -> None:
    class Stream(io.StringIO):
        def isatty(self) -> bool:
            return is_terminal

    monkeypatch.setenv("NO_COLOR", no_color)

    assert wants_color(Stream()) is expected


def test_findings_in_files_that_are_gone_are_still_rendered(tmp_path: Path) -> None:
    for output_format in OUTPUT_FORMATS:
        assert "unknown-index" in render([FINDING], Sources(tmp_path), output_format)


def test_concise_is_one_line(sources: Sources) -> None:
    assert render([FINDING], sources, "concise") == (
        "convex/messages.py:41:21: error: `messages.by_chanel` is not an index of table `messages`"
        " (unknown-index, QRY004)\n"
    )


def test_github_escapes_what_commands_cannot_hold(sources: Sources) -> None:
    assert render([FINDING], sources, "github") == (
        "::error file=convex/messages.py,line=41,endLine=41,title=unknown-index (QRY004),"
        "col=21,endColumn=32::`messages.by_chanel` is not an index of table `messages`"
        '%0Ahelp: replace with "by_channel"\n'
    )


def test_json_follows_its_schema(sources: Sources) -> None:
    validator = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text()))

    document = json.loads(render([FINDING], sources, "json"))

    validator.validate(document)
    validator.validate(json.loads(render([], sources, "json")))
    assert document["diagnostics"][0]["start"] == {"line": 41, "column": 21}
    assert document["diagnostics"][0]["fix"]["edits"][0]["text"] == '"by_channel"'


def test_json_lines_are_the_records_of_json(sources: Sources) -> None:
    findings = [FINDING, replace(FINDING, silence=Silence("comment", "on purpose"))]
    schema = json.loads(SCHEMA.read_text())
    record = jsonschema_rs.validator_for(
        {**schema["$defs"]["diagnostic"], "$defs": schema["$defs"]}
    )

    lines = [json.loads(line) for line in render(findings, sources, "jsonl").splitlines()]

    assert lines == json.loads(render(findings, sources, "json"))["diagnostics"]
    for line in lines:
        record.validate(line)
    assert lines[1]["suppression"] == {"kind": "comment", "reason": "on purpose"}
    assert render([], sources, "jsonl") == ""


def test_grouped_aligns_the_findings_of_a_file(sources: Sources) -> None:
    other = replace(FINDING, path="convex/schema.py", span=Span(3, 1, 3, 2), severity="warning")
    late = replace(FINDING, span=Span(142, 1, 142, 2), message="too late")

    assert render([FINDING, late, other], sources, "grouped") == (
        """\
convex/messages.py:
  41:21  error  `messages.by_chanel` is not an index of table `messages` (unknown-index, QRY004)
  142:1  error  too late (unknown-index, QRY004)

convex/schema.py:
  3:1  warning  `messages.by_chanel` is not an index of table `messages` (unknown-index, QRY004)
"""
    )


@pytest.mark.parametrize(
    ("silence", "words"),
    [
        (Silence("comment", "on purpose"), "silenced: on purpose"),
        (Silence("comment"), "silenced: by a comment"),
        (Silence("baseline"), "silenced: in the baseline"),
    ],
)
def test_formats_for_people_tell_silenced_findings(
    sources: Sources, silence: Silence, words: str
) -> None:
    finding = replace(FINDING, silence=silence)

    assert words in render([finding], sources, "full")
    assert f"[{words}]" in render([finding], sources, "concise")
    assert f"[{words}]" in render([finding], sources, "grouped")


def test_formats_without_a_place_for_silence_leave_it_out(sources: Sources) -> None:
    finding = replace(FINDING, silence=Silence("comment"))

    assert render([finding], sources, "github") == render([], sources, "github")
    assert render([finding], sources, "gitlab") == render([], sources, "gitlab")
    assert render([finding], sources, "junit") == render([], sources, "junit")


@given(st.text(max_size=40), st.integers(1, 5), st.integers(1, 60))
def test_full_renders_any_text(
    tmp_path_factory: pytest.TempPathFactory, text: str, line: int, column: int
) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "a.py").write_text(text, encoding="utf-8", errors="replace")
    finding = Diagnostic(
        rule="r",
        code="PRJ001",
        severity="info",
        category="style",
        path="a.py",
        span=Span(line, column, line, column + 3),
        message="m",
    )

    assert "^" in render([finding], Sources(folder), "full")
