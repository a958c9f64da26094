"""Which seeds and disguises there are. To add one, write a function and decorate it.

A seed is named after the mistake it makes, and is in ``seeds/<family>.py``; a rule has as many as
are useful. A disguise changes how a module is written and never what it does, and is in
``disguises/``; those of all rules are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import TypeAlias

from tests.mutation.project import Project
from tests.mutation.source import Changes, Source

Seeder: TypeAlias = Callable[[Project, Source], Iterator[Changes]]
"""Yields the ways to make the mistake in a module."""
FileSeeder: TypeAlias = Callable[[Project], Iterator[dict[str, str]]]
"""Yields the ways to make the mistake in a project: texts by path."""
ProjectMaker: TypeAlias = Callable[[], Iterator[Project]]
"""Yields projects with the mistake, where it is in no module of the functions folder."""
Disguiser: TypeAlias = Callable[[Project, Source], Changes]
"""Returns changes that keep the meaning of a module; none where it does not apply."""


@dataclass(frozen=True)
class Seed:
    """A mistake."""

    rule: str
    name: str
    make: Seeder | None = None
    make_files: FileSeeder | None = None
    make_projects: ProjectMaker | None = None
    plain: bool = False
    """Whether disguises do not apply, as where the module cannot be parsed any more."""


SEEDS: list[Seed] = []
DISGUISES: dict[str, Disguiser] = {}


def seed(rule: str, *, plain: bool = False) -> Callable[[Seeder], Seeder]:
    """Register a seed of a rule."""

    def register(make: Seeder) -> Seeder:
        SEEDS.append(Seed(rule, make.__name__, make=make, plain=plain))
        return make

    return register


def file_seed(rule: str) -> Callable[[FileSeeder], FileSeeder]:
    """Register a seed of a rule that adds files."""

    def register(make: FileSeeder) -> FileSeeder:
        SEEDS.append(Seed(rule, make.__name__, make_files=make))
        return make

    return register


def project_seed(rule: str) -> Callable[[ProjectMaker], ProjectMaker]:
    """Register a seed of a rule that makes whole projects."""

    def register(make: ProjectMaker) -> ProjectMaker:
        SEEDS.append(Seed(rule, make.__name__, make_projects=make))
        return make

    return register


def disguise(make: Disguiser) -> Disguiser:
    """Register a disguise."""
    DISGUISES[make.__name__.replace("_", "-")] = make
    return make


def load_all() -> None:
    """Import every module of seeds and disguises."""
    for package in ("tests.mutation.seeds", "tests.mutation.disguises"):
        for module in iter_modules(import_module(package).__path__):
            import_module(f"{package}.{module.name}")
