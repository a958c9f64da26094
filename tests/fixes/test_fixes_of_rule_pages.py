"""Every fix of every rule page removes its finding and does no harm."""

from __future__ import annotations

from pathlib import Path

import pytest
from convexity_compiler.cli import fixing
from convexity_compiler.config import load_config
from convexity_compiler.rules.registry import find_rule

from tests.fixes.fixed_projects import assert_sound, fix, write_files
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


@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
@pytest.mark.parametrize(
    "case", fixable_cases(), ids=lambda case: f"{case.document.stem}: {case.title}"
)
def test_fixes_remove_their_findings_and_do_no_harm(
    case: Case, unsafe: bool, tmp_path: Path
) -> None:
    root = write_files(tmp_path, case.files)

    fixed = fix(root, unsafe=unsafe)

    assert_sound(fixed)
    again = fixing.fix_project(load_config(root), (), unsafe=unsafe)
    assert again.diff() == ""
