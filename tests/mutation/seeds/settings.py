"""Mistakes in pyproject.toml: projects with other settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.mutation.project import Project, projects
from tests.mutation.registry import project_seed

PROJECTS = 2


def _requiring(requirement: str) -> Callable[[], Iterator[Project]]:
    def make() -> Iterator[Project]:
        for project in projects()[:PROJECTS]:
            needed = (*project.config.dependencies, requirement)
            config = replace(project.config, functions="convex", dependencies=needed)
            yield Project(project.root, config)

    return make


for _name, _requirement in {
    "any_version": "convex",
    "version": "convex>=0.7",
    "exact_version": "convex == 0.7.0",
    "other_letters": "Convex>=0.7,<1",
    "with_extras": "convex[dev]>=0.7",
    "with_marker": 'convex>=0.7; python_version >= "3.11"',
    "with_address": "convex @ git+https://example.com/convex.git",
}.items():
    _make = _requiring(_requirement)
    _make.__name__ = _name
    project_seed("shadowed-client-package")(_make)
