"""Every safe fix takes its finding away, however the mistake is written."""

from __future__ import annotations

import ast

import pytest
from convexity_compiler.diagnostics.edits import apply_edits, choose_fixes, edits_by_path
from convexity_compiler.rules.registry import all_rules

from tests.mutation.mutants import Mutant, findings_of, mutants_of
from tests.mutation.trial import sampled

RULES = [rule.name for rule in all_rules() if rule.fixable]
ROUNDS = 5


def fixed(mutant: Mutant) -> dict[str, str] | None:
    """Return the modules after all safe fixes of the rule; None when it offers none."""
    texts = {path: source.text for path, source in mutant.project.sources.items()}
    texts |= mutant.texts
    for turn in range(ROUNDS):
        found = findings_of(mutant.seed.rule, mutant.project, texts)
        chosen = choose_fixes(found)
        if not chosen:
            return texts if turn else None
        for path, changes in edits_by_path(chosen).items():
            texts[path] = apply_edits(texts[path].replace("\r\n", "\n"), changes)
    raise AssertionError(f"{mutant.name}: fixes without end")


@pytest.mark.parametrize("rule", RULES)
def test_safe_fixes_remove_their_findings(rule: str) -> None:
    # Fixes of plain mistakes are tried on the pages of rules: the last one is disguised most.
    for mutant in sampled(mutants_of(rule), 1):
        before = findings_of(rule, mutant.project, mutant.texts)
        texts = fixed(mutant)
        if texts is None:
            continue
        for text in texts.values():
            ast.parse(text)
        left = findings_of(rule, mutant.project, texts)
        kept = [entry for entry in before if entry.fix is None or entry.fix.applicability != "safe"]
        assert len(left) <= len(kept), (mutant.name, left)
