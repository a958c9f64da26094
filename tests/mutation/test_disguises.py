"""A disguise changes how a project is written, and never gives a finding by itself."""

from __future__ import annotations

import os

import pytest
from convexity_compiler.rules.engine import check
from convexity_compiler.rules.registry import all_rules

from tests.mutation.exceptions import ESCAPING, NOT_THE_SAME
from tests.mutation.project import projects
from tests.mutation.registry import DISGUISES, load_all

load_all()
NAMES = sorted(DISGUISES)
STRIDE = 1 if os.environ.get("MUTATION_ALL") else 4
"""Every which project is disguised; each disguise begins with another one."""


@pytest.mark.parametrize("disguise", NAMES)
def test_a_disguise_alone_is_no_mistake(disguise: str) -> None:
    change = DISGUISES[disguise]
    for project in projects()[NAMES.index(disguise) % STRIDE :: STRIDE]:
        texts = {
            path: source.apply(changes)
            for path, source in project.sources.items()
            if (changes := change(project, source))
        }
        assert check(project.load(texts)) == [], project.name


@pytest.mark.parametrize("disguise", NAMES)
def test_a_disguise_changes_the_corpus(disguise: str) -> None:
    change = DISGUISES[disguise]
    assert any(
        change(project, source) for project in projects() for source in project.sources.values()
    )


def test_exceptions_name_rules_and_disguises() -> None:
    for exceptions in (NOT_THE_SAME, ESCAPING):
        assert exceptions.keys() <= {rule.name for rule in all_rules()}
        assert {name for names in exceptions.values() for name in names} <= set(NAMES)
