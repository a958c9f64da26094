"""The ``sarif`` format, against the schema of the standard."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from convexity_compiler.diagnostics import Diagnostic, Edit, Fix, Label, Silence
from convexity_compiler.diagnostics.formats import render
from convexity_compiler.diagnostics.sources import Sources
from convexity_compiler.records import replace
from convexity_compiler.rules.registry import all_rules
from convexity_compiler.span import Span

SCHEMA = (
    Path(__file__).parents[2]
    / "clients/node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
)
FINDING = Diagnostic(
    rule="unknown-index",
    code="QRY004",
    severity="error",
    category="correctness",
    path="convex/größe messages.py",
    span=Span(41, 21, 41, 32),
    message="`messages.by_chanel` is not an index of table `messages`",
    help='replace with "by_channel"',
    labels=(
        Label(path="convex/schema.py", span=Span(18, 7, 18, 41), message="index defined here"),
    ),
    fix=Fix(
        title="rename the index",
        applicability="unsafe",
        edits=(
            Edit(path="convex/schema.py", span=Span(3, 1, 3, 1), text="x"),
            Edit(path="convex/messages.py", span=Span(41, 21, 41, 32), text='"by_channel"'),
            Edit(path="convex/messages.py", span=Span(2, 1, 2, 3), text=""),
        ),
    ),
)
TYPES = replace(
    FINDING, rule="mypy:arg-type", code="mypy:arg-type", severity="info", fix=None, labels=()
)
INTERNAL = replace(TYPES, rule="internal-error", code="SUP009", path="pyproject.toml")


@pytest.fixture(scope="module")
def schema() -> jsonschema_rs.Validator:
    if not SCHEMA.exists():
        pytest.skip("needs `npm install` in tests/clients")
    document = json.loads(SCHEMA.read_text())
    for name in ("run", "toolComponent"):
        # The published pattern has an unbalanced bracket, which strict engines refuse.
        del document["definitions"][name]["properties"]["language"]["pattern"]
    return jsonschema_rs.validator_for(document)


def log(*findings: Diagnostic) -> dict[str, Any]:
    text = render(findings, Sources(Path("/nowhere")), "sarif")
    document: dict[str, Any] = json.loads(text)
    return document


def run(*findings: Diagnostic) -> dict[str, Any]:
    [only] = log(*findings)["runs"]
    result: dict[str, Any] = only
    return result


def test_logs_follow_the_standard(schema: jsonschema_rs.Validator) -> None:
    silenced = replace(FINDING, silence=Silence("comment", "on purpose"))
    known = replace(FINDING, silence=Silence("baseline"))
    every_rule = [
        replace(FINDING, rule=rule.name, code=rule.code, severity=rule.severity)
        for rule in all_rules()
    ]

    for findings in ([], [FINDING], [silenced, known, TYPES], [INTERNAL], every_rule):
        schema.validate(log(*findings))


def test_rules_come_with_their_pages() -> None:
    driver = run(FINDING, TYPES)["tool"]["driver"]

    types, rule = driver["rules"]
    assert rule["id"] == "unknown-index"
    assert rule["help"]["markdown"].startswith("# unknown-index (QRY004)\n")
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert types["helpUri"].endswith("#code-arg-type")


def test_results_refer_to_their_rule_and_place() -> None:
    first, second = run(FINDING, TYPES)["results"]

    assert [first["ruleIndex"], second["ruleIndex"]] == [1, 0]
    assert [first["level"], second["level"]] == ["error", "note"]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "convex/gr%C3%B6%C3%9Fe%20messages.py"
    assert place["region"] == {"startLine": 41, "startColumn": 21, "endLine": 41, "endColumn": 32}
    assert first["relatedLocations"][0]["message"]["text"] == "index defined here"


def test_fixes_are_grouped_by_file() -> None:
    [result] = run(FINDING)["results"]

    [fix] = result["fixes"]
    changes = {
        change["artifactLocation"]["uri"]: [
            entry["insertedContent"]["text"] for entry in change["replacements"]
        ]
        for change in fix["artifactChanges"]
    }
    assert changes == {"convex/messages.py": ["", '"by_channel"'], "convex/schema.py": ["x"]}


def test_suppressions_say_where_and_why() -> None:
    silenced = replace(FINDING, silence=Silence("comment", "on purpose"))
    known = replace(FINDING, silence=Silence("baseline"))

    results = run(FINDING, silenced, known)["results"]

    assert "suppressions" not in results[0]
    assert results[1]["suppressions"] == [{"kind": "inSource", "justification": "on purpose"}]
    assert results[2]["suppressions"] == [{"kind": "external"}]


def test_failures_are_notifications_of_the_run() -> None:
    found = run(INTERNAL)

    [invocation] = found["invocations"]
    assert found["results"] == []
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["descriptor"] == {"id": "internal-error"}
    assert run(FINDING)["invocations"] == [{"executionSuccessful": True}]


def test_paths_are_those_of_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    project = tmp_path / "apps" / "chat"
    project.mkdir(parents=True)

    text = render([replace(FINDING, path="convex/a.py")], Sources(project), "sarif")

    [result] = json.loads(text)["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "apps/chat/convex/a.py"
