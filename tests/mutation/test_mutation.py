"""The checker finds every mistake, however it is written, and nothing where there is none."""

from __future__ import annotations

import os

import pytest
from convexity_compiler.rules.engine import check
from convexity_compiler.rules.registry import all_rules

from tests.mutation.exceptions import ESCAPING, UNSEEDED
from tests.mutation.mutants import mutants_of
from tests.mutation.project import projects
from tests.mutation.registry import DISGUISES, load_all

load_all()
RULES = [rule.name for rule in all_rules()]
MUTANTS = 8
"""How many mutants of a rule are tried; MUTATION_ALL=1 in the environment asks for all."""
FORMS = 5
"""In how many forms each rule's mistake is seeded at least."""


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule not in UNSEEDED])
def test_every_form_of_a_mistake_is_caught(rule: str) -> None:
    mutants = mutants_of(rule)
    if not os.environ.get("MUTATION_ALL"):
        step = max(1, len(mutants) // MUTANTS)
        mutants = mutants[len(rule) % step :: step]

    forms = {(mutant.seed.name, mutant.disguise) for mutant in mutants}
    assert len(forms) >= FORMS, forms
    missed = [mutant for mutant in mutants if not mutant.is_caught()]
    escaping = ESCAPING.get(rule, frozenset())
    assert [mutant.name for mutant in missed if mutant.disguise not in escaping] == []


def test_rules_without_mutants_exist_and_have_reasons() -> None:
    assert UNSEEDED.keys() <= set(RULES)
    assert all(UNSEEDED.values())


@pytest.mark.parametrize("disguise", sorted(DISGUISES))
def test_a_disguise_alone_is_no_mistake(disguise: str) -> None:
    change = DISGUISES[disguise]
    changed = 0
    for project in projects():
        texts = {
            path: source.apply(changes)
            for path, source in project.sources.items()
            if (changes := change(project, source))
        }
        changed += len(texts)
        assert check(project.load(texts)) == []
    assert changed > 1
