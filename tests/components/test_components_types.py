"""What type checkers say of references to components."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compiler.references.checked_projects import (
    NODE_PROGRAMS,
    Findings,
    mypy_findings,
    pyright_findings,
)
from tests.components.projects import components_project, packages_of
from tests.support.backends import run_cli

MISTAKES = Path(__file__).with_name("mistakes.py.txt")
CHECKERS = [
    pytest.param(mypy_findings, id="mypy"),
    pytest.param(
        pyright_findings,
        id="pyright",
        marks=pytest.mark.skipif(
            not (NODE_PROGRAMS / "pyright").exists(), reason="npm install in tests/clients"
        ),
    ),
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = components_project(tmp_path_factory.mktemp("types").resolve() / "project")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", packages_of(root))
        run_cli("codegen", folder=root)
        (root / "convex" / "mistakes.py").write_text(MISTAKES.read_text())
        yield root


@pytest.mark.parametrize("check", CHECKERS)
def test_each_mistake_is_reported_and_nothing_else(check, project: Path) -> None:
    found: Findings = check(project)
    expected = {
        ("convex/mistakes.py", number): line.partition("# E: ")[2]
        for number, line in enumerate(MISTAKES.read_text().splitlines(), start=1)
        if "# E: " in line
    }
    missed = {place: what for place, what in expected.items() if place not in found}
    assert missed == {}
    surplus = {place: message for place, message in found.items() if place not in expected}
    assert surplus == {}


def test_generated_code_is_up_to_date_after_it_was_generated(project: Path) -> None:
    run = run_cli("codegen", "--check", folder=project, check=False)
    assert run.returncode == 0, run.stdout
