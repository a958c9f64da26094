"""Every fix of every rule page removes its finding and does no harm."""

from __future__ import annotations

from pathlib import Path

import pytest
from convexity_compiler.cli import fixing
from convexity_compiler.config import load_config
from convexity_compiler.rules.registry import find_rule

from tests.fixes.fixed_projects import assert_sound, check, fix, write_files
from tests.rules.rule_cases import Case, read_cases

RULES = Path(__file__).parents[1] / "rules"


def fixable_cases() -> list[Case]:
    """The cases of rule pages with findings of rules that have fixes."""
    return [
        case
        for document in sorted(RULES.glob("*/*.md"))
        for case in read_cases(document)
        if any((rule := find_rule(name)) and rule.fixable for name in case.expected_rules)
    ]


@pytest.mark.parametrize(
    "case", fixable_cases(), ids=lambda case: f"{case.document.stem}: {case.title}"
)
def test_fixes_remove_their_findings_and_do_no_harm(case: Case, tmp_path: Path) -> None:
    root = write_files(tmp_path, case.files)
    left = check(root)

    for applicability in ("safe", "unsafe"):
        if not any(f.fix and f.fix.applicability == applicability for f in left):
            continue
        is_unsafe = applicability == "unsafe"
        fixed = fix(root, unsafe=is_unsafe, before=left)
        left = fixed.after

        assert_sound(fixed)
        assert fixing.fix_project(load_config(root), (), unsafe=is_unsafe).diff() == ""
