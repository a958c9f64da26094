"""A project of the corpus in memory."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from convexity_compiler.config import load_config
from convexity_compiler.pipeline import load_project

from tests.mutation.source import Source
from tests.support.corpus import sound_projects

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convexity_compiler.config import Config
    from convexity_compiler.link.model import LinkedProject, LinkedTable

LARGEST = 40
"""How many modules a project has at most that mistakes are seeded into."""


@dataclass(frozen=True, eq=False)
class Project:
    """A project, its modules and what the compiler knows of it."""

    root: Path
    config: Config

    @property
    def name(self) -> str:
        return self.root.name

    @cached_property
    def sources(self) -> dict[str, Source]:
        """The modules of the functions folder by path."""
        folder = self.root / self.config.functions
        paths = sorted(path for path in folder.rglob("*.py") if "_generated" not in path.parts)
        return {
            path.relative_to(self.root).as_posix(): Source.parse(
                path.relative_to(self.root).as_posix(), path.read_text()
            )
            for path in paths
        }

    @cached_property
    def linked(self) -> LinkedProject:
        return self.load({})

    @property
    def tables(self) -> dict[str, LinkedTable]:
        schema = self.linked.schema
        return dict(schema.tables) if schema is not None else {}

    def load(self, overlays: Mapping[str, str]) -> LinkedProject:
        """Link the project with other texts for some modules."""
        return load_project(self.root, self.config, overlays=overlays)

    def module(self, name: str) -> Source | None:
        """Return a module by its path below the functions folder."""
        return self.sources.get(f"{self.config.functions}/{name}")

    def taken_from(self, source: Source) -> set[str]:
        """Return the names that other modules use of a module, which it must keep."""
        names: set[str] = set()
        for other in self.sources.values():
            modules: set[str] = set()
            for node in other.find(ast.ImportFrom):
                if node.level == 0:
                    continue
                target = _target(other.path, node)
                if target == _stem(source.path):
                    names.update(alias.name for alias in node.names)
                for alias in node.names:
                    if f"{target}/{alias.name}" == _stem(source.path):
                        modules.add(alias.asname or alias.name)
            for attribute in other.find(ast.Attribute):
                if isinstance(attribute.value, ast.Name) and attribute.value.id in modules:
                    names.add(attribute.attr)
        return names


def _stem(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__")


def _target(path: str, node: ast.ImportFrom) -> str:
    folders = path.split("/")[: -node.level]
    return "/".join([*folders, *(node.module.split(".") if node.module else [])])


@cache
def projects(*, whole: bool = False) -> tuple[Project, ...]:
    """Return the projects that mistakes are seeded into, by name.

    A large project takes too long to be checked for each mutant: it is among the ``whole`` only.
    """
    found = tuple(Project(root, load_config(root)) for root in sound_projects())
    return found if whole else tuple(entry for entry in found if len(entry.sources) <= LARGEST)
