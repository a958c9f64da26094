"""Safe fixes mend mistakes that were seeded into sound projects, in disguise too."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.fixes.fixed_projects import assert_sound, check, fix, write_files
from tests.mutation.mutants import mutants_of

RULES = (
    "deprecated-bigint",
    "deprecated-storage-metadata",
    "function-passed-directly",
    "missing-await",
    "not-a-validator",
    "sync-loop-over-query",
    "system-table-via-db",
    "wrong-visibility-reference",
)


@pytest.mark.parametrize("rule", RULES)
def test_fixes_mend_what_was_seeded(rule: str, tmp_path: Path) -> None:
    """The last mutants are the ones in disguise."""
    mutant = mutants_of(rule)[-1]
    root = tmp_path / mutant.project.name
    shutil.copytree(mutant.project.root, root, ignore=shutil.ignore_patterns("_generated"))
    write_files(root, mutant.texts)
    before = check(root)

    fixed = fix(root, unsafe=False, before=before)

    assert any(finding.rule == rule for finding in before)
    assert_sound(fixed)
    assert not any(finding.rule == rule for finding in fixed.after)
