"""Names, codes, files, documentation and tests of all rules agree."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest
from convexity_compiler import rules
from convexity_compiler.cli import pipeline
from convexity_compiler.config import load_config
from convexity_compiler.rules import engine
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.documentation import pages
from convexity_compiler.rules.left_out import LEFT_OUT
from convexity_compiler.rules.registry import all_rules

from tests.rules.rule_cases import read_cases

RULES = all_rules()
RULES_FOLDER = Path(rules.__file__).parent
TESTS = Path(__file__).parent
DOCS = TESTS.parents[1] / "docs" / "rules"

SECTIONS = [
    "What it does",
    "Why is this bad?",
    "Example",
    "Use instead",
    "Fix safety",
    "References",
]
IMPORTS = """\
from typing import Any

from convexity.values import Int64, v

from ._generated.api import api, internal
from ._generated.server import (
    MutationCtx,
    QueryCtx,
    internal_mutation,
    internal_query,
    mutation,
    query,
)
"""

every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


def _is_abstract(rule: type[Rule]) -> bool:
    return any(
        getattr(getattr(rule, name), "__isabstractmethod__", False)
        for name in ("check", "conclude")
        if hasattr(rule, name)
    )


def test_every_rule_file_is_registered() -> None:
    defined = set()
    for path in RULES_FOLDER.glob("*/*.py"):
        module = import_module(f"convexity_compiler.rules.{path.parent.name}.{path.stem}")
        defined |= {
            value
            for value in vars(module).values()
            if isinstance(value, type)
            and issubclass(value, Rule)
            and not _is_abstract(value)
            and value.__module__ == module.__name__
        }
    assert defined == set(RULES)


def test_names_and_codes_are_unique() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert len({rule.code for rule in RULES}) == len(RULES)


def test_a_rule_that_is_left_out_does_not_exist() -> None:
    codes = [entry.code for entry in LEFT_OUT]
    assert len(set(codes)) == len(codes)
    assert not set(codes) & {rule.code for rule in RULES}
    assert not {entry.name for entry in LEFT_OUT} & {rule.name for rule in RULES}


@every_rule
def test_name_code_and_file_agree(rule: type[Rule]) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)
    assert re.fullmatch(r"[A-Z]{3}\d{3}", rule.code)
    stem = rule.name.replace("-", "_")
    assert rule.__module__ == f"convexity_compiler.rules.{rule.family()}.{stem}"
    assert import_module(rule.__module__).__doc__ == f"{rule.code}."


@every_rule
def test_documentation_has_its_sections_in_order(rule: type[Rule]) -> None:
    expected = [title for title in SECTIONS if title != "Fix safety" or rule.fixable]
    assert re.findall(r"^## (.*)$", rule.documentation(), re.MULTILINE) == expected


@every_rule
def test_example_is_found_and_its_replacement_is_not(rule: type[Rule], tmp_path: Path) -> None:
    sections = dict(
        re.findall(
            r"## (Example|Use instead)\n\n```python\n(.*?)```", rule.documentation(), re.DOTALL
        )
    )

    assert rule.name in _found(tmp_path / "bad", sections["Example"])
    assert rule.name not in _found(tmp_path / "good", sections["Use instead"])


def _found(root: Path, example: str) -> set[str]:
    parts = re.split(r"^# (convex/\S+\.py|pyproject\.toml)\n", example, flags=re.MULTILINE)
    (root / "backend").mkdir(parents=True)
    (root / "convex").mkdir()
    files = dict(zip(parts[1::2], parts[2::2], strict=True)) or {"convex/messages.py": example}
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        is_module = path.suffix == ".py" and path.parent.name != "_generated"
        path.write_text(f"{IMPORTS}\n{text}" if is_module else text)
    return {finding.rule for finding in engine.check(pipeline.load(load_config(root)))}


@every_rule
def test_markdown_test_shows_bad_and_good(rule: type[Rule]) -> None:
    document = TESTS / rule.family() / f"{rule.name}.md"
    cases = read_cases(document)

    assert document.read_text().startswith(f"# {rule.name}\n")
    assert any(rule.name in case.expected_rules for case in cases)
    assert any(rule.name not in case.expected_rules for case in cases)
    assert any(case.output and f"({rule.name}, {rule.code})" in case.output for case in cases)
    assert rule.fixable == any(case.fixed or case.unsafely_fixed for case in cases)


def test_no_markdown_test_without_a_rule() -> None:
    names = {f"{rule.family()}/{rule.name}.md" for rule in RULES}
    assert {path.relative_to(TESTS).as_posix() for path in TESTS.glob("*/*.md")} == names


def test_pages_are_up_to_date() -> None:
    """Write them with ``convexity rules --pages docs/rules``."""
    assert {path.name: path.read_text() for path in DOCS.glob("*.md")} == pages()
