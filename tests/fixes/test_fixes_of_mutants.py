"""Safe fixes mend a project in which every mistake was made that it has a place for.

One mistake after the other is seeded and fixed, so that all fixes have been at work in the project
that the type checker and the project's own tests see in the end. The tests mend one project,
MUTATION_ALL=1 asks for all of them.
"""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from typing import Final

import pytest
from convexity_compiler.config import load_config
from convexity_compiler.pipeline import compile_project, load_project
from convexity_compiler.rules.registry import all_rules

from tests.compiler.references.checked_projects import generate, mypy_findings
from tests.fixes.fixed_projects import assert_sound, check, fix
from tests.mutation.project import LARGEST, Project
from tests.mutation.registry import SEEDS, Seed, load_all
from tests.support.backends import built, copy_project
from tests.support.corpus import CORPUS, corpus_projects
from tests.support.corpus_calls import has_calls, make_calls

load_all()
COMPONENTS: Final = ("agt", "wfl")
"""Families whose mistakes need components that no project of the corpus installs."""
EMPTIED: Final = "not_async_and_empty"
"""A seed that leaves nothing of a function, so that no test of the project can pass."""
RULES: Final = {
    rule.name for rule in all_rules() if rule.fixable and rule.family() not in COMPONENTS
}
NAMES: Final = (
    [root.name for root in corpus_projects() if len(list(root.rglob("*.py"))) <= LARGEST]
    if os.environ.get("MUTATION_ALL")
    else ["forum"]
)


def seeds() -> list[Seed]:
    """The first mistake of each rule with fixes, or all mistakes when all mutants are asked for."""
    wanted = [seed for seed in SEEDS if seed.rule in RULES and seed.make and seed.name != EMPTIED]
    if os.environ.get("MUTATION_ALL"):
        return wanted
    return list({seed.rule: seed for seed in reversed(wanted)}.values())


def seeded(root: Path, seed: Seed) -> tuple[Path, str] | None:
    """Return the first module that a mistake can be made in, and its text with it."""
    assert seed.make is not None
    project = Project(root, load_config(root))
    for source in project.sources.values():
        for changes in islice(seed.make(project, source), 1):
            text = source.apply(changes)
            if text != source.text:
                return root / source.path, text
    return None


@pytest.mark.parametrize("name", NAMES)
def test_a_mended_project_is_as_good_as_before(name: str, tmp_path: Path) -> None:
    root = copy_project(CORPUS / name, tmp_path / name)
    mended: set[str] = set()
    for seed in seeds():
        found = seeded(root, seed)
        if found is None:
            continue
        path, text = found
        sound = path.read_text(encoding="utf-8")
        path.write_text(text, encoding="utf-8")
        fixed = fix(root, unsafe=False, before=[])
        if seed.rule in {finding.rule for finding in fixed.outcome.fixed}:
            mended.add(seed.rule)
            assert seed.rule not in {finding.rule for finding in fixed.after}, seed
        if fixed.after or seed.rule not in mended:
            # There is no safe fix for all of it, such as numbers where there are to be integers.
            path.write_text(sound, encoding="utf-8")
    assert len(mended) >= 15, mended

    generate(compile_project(load_project(root)), root)
    assert mypy_findings(root, load_config(root).functions) == {}
    if has_calls(CORPUS / name):
        make_calls(CORPUS / name, built(root))


def test_fixing_a_seeded_project_is_sound(tmp_path: Path) -> None:
    """All mistakes at once, each in a module of its own: their fixes do not get in their way."""
    root = copy_project(CORPUS / "forum", tmp_path / "forum")
    touched: set[Path] = set()
    rules: set[str] = set()
    for seed in seeds():
        found = seeded(root, seed)
        if found is not None and found[0] not in touched:
            path, text = found
            path.write_text(text, encoding="utf-8")
            touched.add(path)
            rules.add(seed.rule)
    before = check(root)

    fixed = fix(root, unsafe=False, before=before)

    assert len(rules & {finding.rule for finding in before}) >= 3
    assert_sound(fixed)
