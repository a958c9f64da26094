"""Mistakes for rules that have no seed: the samples of their own pages, in disguise."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from convexity_compiler.config import load_config
from convexity_compiler.rules.registry import find_rule

from tests.mutation.project import Project
from tests.mutation.source import Source
from tests.rules.rule_cases import Case, read_cases

if TYPE_CHECKING:
    from convexity_compiler.link.model import LinkedProject

PAGES = Path(__file__).resolve().parents[1] / "rules"


@dataclass(frozen=True, eq=False)
class Sample(Project):
    """A case of a rule's page as a project.

    Its files are written, too: a component is read from where it lies.
    """

    case: Case

    @property
    def name(self) -> str:
        return f"sample `{self.case.title}`"

    @cached_property
    def sources(self) -> dict[str, Source]:
        return {path: Source.parse(path, text) for path, text in self._modules.items()}

    @property
    def _modules(self) -> dict[str, str]:
        return {path: text for path, text in self.case.files.items() if path.endswith(".py")}

    def load(self, overlays: Mapping[str, str]) -> LinkedProject:
        return super().load({**self._modules, **overlays})


def samples(rule: str) -> list[tuple[Sample, Source]]:
    """Return the cases of a rule's page that it finds something in, with the module it is in."""
    known = find_rule(rule)
    assert known is not None
    page = PAGES / known.family() / f"{rule}.md"
    found = []
    for case in read_cases(page) if page.exists() else []:
        paths = sorted({path for path, _, _, name in case.expected if name == rule})
        if "functions =" in case.files.get("pyproject.toml", "") or not paths:
            continue
        root = _written(case)
        sample = Sample(root, replace(load_config(root), functions="convex"), case)
        try:
            found += [(sample, sample.sources[path]) for path in paths if path in sample.sources]
        except SyntaxError:
            continue
    return found


def _written(case: Case) -> Path:
    root = Path(tempfile.mkdtemp(dir=_folder().name))
    for path, text in case.files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Where samples are written, until the process ends."""
    return tempfile.TemporaryDirectory(prefix="convexity-samples-")
