"""The formats of GitLab and of test reports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from convexity_compiler.diagnostics import Diagnostic
from convexity_compiler.diagnostics.formats import render
from convexity_compiler.diagnostics.sources import Sources
from convexity_compiler.records import replace
from convexity_compiler.span import Span
from hypothesis import given
from hypothesis import strategies as st
from junitparser import JUnitXml

FINDING = Diagnostic(
    rule="unknown-index",
    code="QRY004",
    severity="error",
    category="correctness",
    path="convex/messages.py",
    span=Span(41, 21, 42, 3),
    message='no index <by_chanel> & "others"',
    help="use `by_channel`",
)
GITLAB_SEVERITIES = {"info", "minor", "major", "critical", "blocker"}
NOWHERE = Sources(Path("/nowhere"))


def test_gitlab_has_the_fields_of_code_quality_reports() -> None:
    warning = replace(FINDING, severity="warning", help="")

    first, second = json.loads(render([FINDING, warning], NOWHERE, "gitlab"))

    assert first["description"] == 'no index <by_chanel> & "others"; use `by_channel`'
    assert second["description"] == 'no index <by_chanel> & "others"'
    assert first["check_name"] == "unknown-index"
    assert {first["severity"], second["severity"]} == {"major", "minor"} <= GITLAB_SEVERITIES
    assert first["fingerprint"] != second["fingerprint"]
    assert first["location"] == {
        "path": "convex/messages.py",
        "positions": {"begin": {"line": 41, "column": 21}, "end": {"line": 42, "column": 3}},
    }
    assert json.loads(render([], NOWHERE, "gitlab")) == []


@pytest.mark.parametrize("output_format", ["gitlab", "github", "junit"])
def test_paths_count_from_the_root_of_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output_format: str
) -> None:
    project = tmp_path / "apps" / "chat"
    project.mkdir(parents=True)
    outside = render([FINDING], Sources(project), output_format)
    monkeypatch.setenv("CI_PROJECT_DIR", str(tmp_path))

    inside = render([FINDING], Sources(project), output_format)

    assert "apps/chat/convex/messages.py" in inside
    assert inside.replace("apps/chat/", "") == outside


def test_junit_is_a_failed_test_per_finding() -> None:
    other = replace(FINDING, path="convex/schema.py", rule="reserved-index-name", code="IDX002")

    report = JUnitXml.fromstring(render([FINDING, FINDING, other], NOWHERE, "junit").encode())

    assert (report.tests, report.failures, report.errors) == (3, 3, 0)
    assert [(suite.name, suite.tests) for suite in report] == [
        ("convex/messages.py", 2),
        ("convex/schema.py", 1),
    ]
    case = next(iter(next(iter(report))))
    assert (case.name, case.classname) == ("unknown-index", "convex/messages.py")
    [failure] = case.result
    assert failure.message == 'no index <by_chanel> & "others"'
    assert failure.type == "error"
    assert "convex/messages.py:41:21: " in failure.text


def test_junit_without_findings_is_a_test_that_passes() -> None:
    report = JUnitXml.fromstring(render([], NOWHERE, "junit").encode())

    assert (report.tests, report.failures) == (1, 0)
    assert [case.is_passed for suite in report for case in suite] == [True]


@given(st.text(max_size=30))
def test_junit_is_xml_whatever_a_message_holds(message: str) -> None:
    text = render([replace(FINDING, message=message, help=message)], NOWHERE, "junit")

    assert JUnitXml.fromstring(text.encode("utf-8", "strict")).failures == 1
