"""What the tests of mutants share: which rules a file tries, and with how many mutants."""

from __future__ import annotations

import os

from convexity_compiler.rules.registry import all_rules

from tests.mutation.exceptions import ESCAPING
from tests.mutation.mutants import Mutant, mutants_of

FORMS = 5
"""In how many forms each rule's mistake is seeded at least."""
MUTANTS = 2
"""How many mutants of a rule are tried; MUTATION_ALL=1 in the environment asks for all."""
GROUPS = (
    frozenset({"prj", "sch", "idx", "val", "typ", "sup", "gen"}),
    frozenset({"fun", "ref", "qry", "htt"}),
    frozenset({"dbw", "ctx", "asy", "det"}),
)
"""Families of rules that one file tries; those of no group are tried by the last file."""

FAMILIES = frozenset(rule.family() for rule in all_rules())


def rules_of(group: int) -> list[str]:
    """Return the rules that a file tries: those of a group, or behind the last all others."""
    others = FAMILIES - frozenset[str]().union(*GROUPS)
    families = GROUPS[group] if group < len(GROUPS) else others
    return [rule.name for rule in all_rules() if rule.family() in families]


def sampled(mutants: list[Mutant], count: int = MUTANTS) -> list[Mutant]:
    """Return some mutants, always the same ones: the last disguised, and some before, at equal
    distances."""
    if os.environ.get("MUTATION_ALL") or len(mutants) <= count:
        return mutants
    last = len(mutants) - 1
    return [mutants[last - at * last // max(1, count - 1)] for at in range(count)]


def assert_caught(rule: str) -> None:
    """Assert that a rule sees its mistake in enough forms, but for those that are known."""
    mutants = mutants_of(rule)
    forms = {(mutant.seed.name, mutant.disguise) for mutant in mutants}
    assert len(forms) >= FORMS, forms
    escaping = ESCAPING.get(rule, frozenset())
    missed = [mutant for mutant in sampled(mutants) if not mutant.is_caught()]
    assert [mutant.name for mutant in missed if mutant.disguise not in escaping] == []
