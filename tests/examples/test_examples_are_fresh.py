"""What is committed beside the examples is what the compiler writes today."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

from tests.support.backends import EXAMPLES, REPOSITORY, run_cli

PROJECTS = [
    *(path.parent for path in sorted(EXAMPLES.glob("*/pyproject.toml"))),
    REPOSITORY / "benchmarks" / "project",
]


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_an_example_is_clean_and_its_references_are_current(project: Path) -> None:
    assert run_cli("check", folder=project).stdout == ""
    run_cli("codegen", "--check", folder=project)


def test_a_stale_reference_is_noticed(tmp_path: Path) -> None:
    project = tmp_path / "chat"
    copytree(EXAMPLES / "chat", project, ignore=ignore_patterns("dist"))
    module = project / "convex" / "index.py"
    module.write_text(module.read_text().replace("create_channel", "open_channel"))
    stale = run_cli("codegen", "--check", folder=project, check=False)
    assert stale.returncode == 1
    assert "convex/_generated/_api/index.pyi" in stale.stdout
