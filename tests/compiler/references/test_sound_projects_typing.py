"""Realistic projects in different styles pass both type checkers, and run when built."""

from __future__ import annotations

from pathlib import Path

import pytest
from convexity_compiler.config import load_config

from tests.compiler.references.checked_projects import FIXTURES, copy_and_generate
from tests.compiler.references.test_references_typing import CHECKERS
from tests.support.backends import build_project, serve

SOUND = FIXTURES.parent / "sound"
PROJECTS = pytest.mark.parametrize("name", sorted(path.name for path in SOUND.iterdir()))
DRAFT = {"title": "Title", "body": "Body"}
CALLS = {
    "helpdesk": ("mutation", "maintenance:close_stale", {"limit": 3}, 0),
    "shop": ("query", "orders:by_state", {"state": "paid"}, []),
    "forum": ("mutation", "posts:write", DRAFT, None),
}
"""A function of each project with arguments and result; None for an id."""


@PROJECTS
@pytest.mark.parametrize("check", CHECKERS)
def test_type_checkers_have_no_findings(check, name: str, tmp_path: Path) -> None:
    root = tmp_path.resolve()
    copy_and_generate(f"../sound/{name}", root)
    assert check(root, load_config(root).functions) == {}


@PROJECTS
def test_built_backends_answer(name: str, tmp_path: Path) -> None:
    kind, path, args, expected = CALLS[name]
    with serve(build_project(SOUND / name, tmp_path / name), MODE="live") as server:
        answer = server.call(kind, path, admin=True, **args)
        assert answer == expected or (expected is None and isinstance(answer, str))
