"""Small projects written to disk for the stages of the compiler."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

from convexity_compiler.pipeline import load_project

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convexity_compiler.link.model import LinkedFunction
    from convexity_compiler.link.project import LinkedProject
    from convexity_compiler.summary.model import ModuleSummary

HEADER = """\
from convexity.values import v
from ._generated.server import (
    ActionCtx, MutationCtx, QueryCtx, action, internal_action, internal_mutation, internal_query,
    http_action, mutation, query,
)
"""


def write_project(root: Path, files: Mapping[str, str], folder: str = "convex") -> Path:
    """Write modules of the functions folder and return the root."""
    for name, text in files.items():
        path = root / name if name == "pyproject.toml" else root / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return root


def link_files(root: Path, files: Mapping[str, str], folder: str = "convex") -> LinkedProject:
    """Write and link a project, without a cache."""
    return load_project(write_project(root, files, folder))


def link_module(root: Path, text: str, **others: str) -> LinkedProject:
    """Link a project whose module ``m`` has the usual imports before ``text``."""
    files = {f"{name}.py": other for name, other in others.items()}
    return link_files(root, {**files, "m.py": HEADER + dedent(text)})


def only_function(project: LinkedProject) -> LinkedFunction:
    """The only registered function."""
    (function,) = project.functions
    return function


def source_at(module: ModuleSummary, span: tuple[int, int, int, int]) -> str:
    """Text at a place, found without the library's own means: by counting characters."""
    lines = module.text.split("\n")
    start = sum(len(line) + 1 for line in lines[: span[0] - 1]) + span[1] - 1
    end = sum(len(line) + 1 for line in lines[: span[2] - 1]) + span[3] - 1
    return module.text[start:end]
