"""Projects without mistakes, in every style that the language allows, give no findings."""

from __future__ import annotations

from pathlib import Path

import pytest
from convexity_compiler.cli import pipeline
from convexity_compiler.config import load_config
from convexity_compiler.rules import engine

REPOSITORY = Path(__file__).resolve().parents[2]
WITH_MISTAKES = REPOSITORY / "tests" / "fixtures" / "typing" / "errors"
WITH_A_PACKAGE = REPOSITORY / "tests" / "fixtures" / "components"
"""It uses a package that only its own tests install; they check it too."""
DELIBERATE = {
    "administration": {"host-access-in-transaction", "sleep-in-transaction"},
    "environment": {"unbounded-collect"},
    "features": {"action-from-action", "filter-on-query", "top-of-hour-cron", "unbounded-collect"},
    "guidelines": {"filter-on-query"},
    "jobs": {"top-of-hour-cron"},
    "ledger": {"unbounded-collect"},
    "library": {"action-from-action", "immediate-self-schedule", "top-of-hour-cron"},
    "live": {"sleep-in-transaction"},
    "processes": {"action-from-action", "return-annotation-mismatch"},
    "site": {"missing-response"},
    "wire": {"unbounded-collect"},
}
"""What a fixture does against the rules because the language allows it, by its name."""


def projects() -> list[Path]:
    """Every project of the repository that is meant to be right."""
    roots = [
        path.parent
        for folder in ("tests/corpus", "tests/fixtures", "examples", "benchmarks")
        for path in sorted((REPOSITORY / folder).rglob("pyproject.toml"))
        if "node_modules" not in path.parts and "dist" not in path.parts
    ]
    return [root for root in roots if root not in (WITH_MISTAKES, WITH_A_PACKAGE)]


@pytest.mark.parametrize("root", projects(), ids=lambda root: root.name)
def test_sound_projects_are_clean(root: Path) -> None:
    project = pipeline.load(load_config(root))
    deliberate = DELIBERATE.get(root.name, ()) if "fixtures" in root.parts else ()

    unexpected = [finding for finding in engine.check(project) if finding.rule not in deliberate]

    assert project.functions
    assert unexpected == []
