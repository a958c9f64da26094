"""Runs the Markdown tests of all rules."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from convexity_compiler.cli import fixing, pipeline
from convexity_compiler.config import load_config
from convexity_compiler.diagnostics.formats import render
from convexity_compiler.diagnostics.sources import Sources
from convexity_compiler.rules import engine

from tests.rules.rule_cases import Case, read_cases

EXAMPLE = Path(__file__).parents[2] / "examples" / "chat"
CASES = [
    case
    for document in sorted(Path(__file__).parent.glob("*/*.md"))
    for case in read_cases(document)
]


def each(cases: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "case", cases, ids=[f"{case.document.stem}: {case.title}" for case in cases]
    )


@pytest.fixture
def project(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    case: Case = request.getfixturevalue("case")
    for name, text in case.files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


@each(CASES)
def test_findings(case: Case, project: Path) -> None:
    findings = engine.check(pipeline.load(load_config(project)))

    assert {(f.path, f.span.line, f.severity, f.rule) for f in findings} == case.expected
    for finding in findings:
        lines = case.files[finding.path].split("\n")
        assert finding.span[:2] <= finding.span[2:]
        assert finding.span.end_line <= len(lines)
        assert finding.span.end_column <= len(lines[finding.span.end_line - 1]) + 1
    if case.output is not None:
        report = render(findings, Sources(project), "full")
        if os.environ.get("UPDATE_RULE_OUTPUT"):
            case.write_output(report)
        else:
            assert report == case.output


@each([case for case in CASES if case.fixed])
def test_fixes(case: Case, project: Path) -> None:
    fixing.fix_project(load_config(project), (), unsafe=False).write()

    assert {path: (project / path).read_text() for path in case.fixed} == case.fixed
    assert fixing.fix_project(load_config(project), (), unsafe=False).diff() == ""


@each([case for case in CASES if case.unsafely_fixed])
def test_unsafe_fixes(case: Case, project: Path) -> None:
    fixing.fix_project(load_config(project), (), unsafe=True).write()

    texts = {path: (project / path).read_text() for path in case.unsafely_fixed}
    assert texts == case.unsafely_fixed
    assert fixing.fix_project(load_config(project), (), unsafe=True).diff() == ""


def test_the_example_is_clean() -> None:
    assert engine.check(pipeline.load(load_config(EXAMPLE))) == []
