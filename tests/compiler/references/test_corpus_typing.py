"""The corpus of sound projects passes both type checkers, and builds and runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from convexity_compiler.config import load_config
from convexity_compiler.pipeline import compile_project, load_project

from tests.compiler.references.checked_projects import (
    generate,
    mypy_findings,
    needs_pyright,
    pyright_findings,
)
from tests.support.backends import build_project, copy_project
from tests.support.corpus import CORPUS, corpus_projects
from tests.support.corpus_calls import has_calls, make_calls

IN_PYRIGHT = frozenset({"accounts", "wards"})
"""Packages of the largest project that pyright sees."""


@pytest.fixture(scope="module")
def all_projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every project with what is generated from it, below one folder for one run of a checker."""
    folder = tmp_path_factory.mktemp("corpus").resolve()
    for source in corpus_projects():
        root = copy_project(source, folder / source.name)
        generate(compile_project(load_project(root)), root)
        (root / "__init__.py").touch()
        assert (root / load_config(root).functions / "_generated" / "api.py").exists()
    return folder


def test_mypy_has_no_findings(all_projects: Path) -> None:
    assert mypy_findings(all_projects, ".") == {}


@needs_pyright
def test_pyright_has_no_findings(all_projects: Path) -> None:
    """What it says of the generated files themselves is tested with smaller projects: in the large
    ones, comparing their overloads takes as long as everything else. Of the largest, a few packages
    stand for the others, for which it takes longer than for all other projects."""
    large = sorted({root.name for root in corpus_projects()} - {"forum", "shop"})
    excluded = [f"{name}/*/_generated" for name in large]
    packages = (
        path.parent for path in (all_projects / "hospital" / "clinic").glob("*/__init__.py")
    )
    excluded += [
        str(package.relative_to(all_projects))
        for package in packages
        if package.name not in IN_PYRIGHT
    ]
    assert pyright_findings(all_projects, ".", excluded) == {}


@pytest.mark.parametrize("name", [root.name for root in corpus_projects()])
def test_every_project_builds_and_answers(name: str, tmp_path: Path) -> None:
    dist = build_project(CORPUS / name, tmp_path / name)
    assert (dist / "main.py").exists()
    if has_calls(CORPUS / name):
        make_calls(CORPUS / name, dist)
