"""The corpus is what its readers take it for: many projects, of all sizes and styles."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from convexity_compiler.config import load_config
from convexity_compiler.pipeline import load_project

from tests.support.corpus import corpus_projects

PROJECTS = corpus_projects()


@cache
def modules(root: Path) -> list[tuple[Path, ast.Module]]:
    """The modules of a project with their trees."""
    folder = root / load_config(root).functions
    paths = [path for path in sorted(folder.rglob("*.py")) if "_generated" not in path.parts]
    return [(path.relative_to(folder), ast.parse(path.read_text())) for path in paths]


def imports(nodes: list[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    yield from (node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom))


def has_helpers(path: Path, tree: ast.Module) -> bool:
    """A function that takes a context and is not registered."""
    return any(
        isinstance(node, ast.AsyncFunctionDef)
        and not node.decorator_list
        and bool(node.args.args)
        and node.args.args[0].arg == "ctx"
        for node in tree.body
    )


def is_nested(path: Path, tree: ast.Module) -> bool:
    return len(path.parts) > 1


def shares_validators(path: Path, tree: ast.Module) -> bool:
    """A module that makes validators and registers nothing."""
    text = ast.unparse(tree)
    return "v.object(" in text and "mutation(" not in text and path.name != "schema.py"


def re_exports(path: Path, tree: ast.Module) -> bool:
    return path.name == "__init__.py" and any(
        isinstance(node, ast.ImportFrom) and node.level for node in imports(tree.body)
    )


def imports_conditionally(path: Path, tree: ast.Module) -> bool:
    """An import under ``try`` or under a version of Python."""
    return any(
        any(imports(node.body))
        for node in tree.body
        if isinstance(node, ast.Try)
        or (isinstance(node, ast.If) and "version_info" in ast.unparse(node.test))
    )


def imports_for_type_checkers(path: Path, tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) for node in tree.body
    )


STYLES = {
    has_helpers: 12,
    is_nested: 8,
    shares_validators: 4,
    re_exports: 2,
    imports_conditionally: 1,
    imports_for_type_checkers: 6,
}
"""In how many projects a style occurs at least."""


def test_there_are_enough_projects() -> None:
    assert len(PROJECTS) >= 12


@pytest.mark.parametrize("root", PROJECTS, ids=lambda root: root.name)
def test_projects_have_twenty_to_four_hundred_functions(root: Path) -> None:
    assert 20 <= len(load_project(root, load_config(root)).functions) <= 400


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.__name__)
def test_every_style_occurs(style) -> None:
    found = [root.name for root in PROJECTS if any(style(*module) for module in modules(root))]
    assert len(found) >= STYLES[style], found
