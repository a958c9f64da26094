"""What the IR cannot say is reported: without such findings everything declared is in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from convexity_compiler.pipeline import compile_project, load_project
from convexity_compiler.rules.engine import obstacles

from tests.rules.rule_cases import Case, read_cases

CASES = [
    case
    for document in sorted((Path(__file__).parents[2] / "rules").glob("*/*.md"))
    for case in read_cases(document)
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.document.stem}: {case.title}")
def test_nothing_is_dropped_without_a_finding(case: Case, tmp_path: Path) -> None:
    for name, text in case.files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    project = load_project(tmp_path)

    ir = compile_project(project)

    app = project.app
    declared = {
        "tables": len(project.schema.tables) if project.schema else 0,
        "functions": len(project.functions) + len(project.misplaced),
        "routes": len(project.routes),
        "crons": len(project.crons),
        "environment": len(app.environment) if app else 0,
        "components": len(app.components) if app else 0,
        "unresolved": len(project.unresolved),
    }
    lowered = {name: len(getattr(ir, name, ())) for name in declared}
    if not obstacles(project):
        assert lowered == declared
