"""Mutants: projects with one mistake each, plain and disguised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice

from convexity_compiler.diagnostics.model import Diagnostic
from convexity_compiler.pipeline import load_project
from convexity_compiler.rules.engine import examine
from convexity_compiler.rules.registry import all_rules, find_rule

from tests.mutation.exceptions import NOT_THE_SAME
from tests.mutation.project import Project, projects
from tests.mutation.registry import DISGUISES, SEEDS, Seed, load_all
from tests.mutation.samples import samples
from tests.mutation.source import Changes, Source

PROJECTS_PER_SEED = 3
"""How many projects a mistake is seeded into; disguises take turns on them."""
SITES_PER_MODULE = 12
"""Among how many places in a module one is chosen."""
COMMENT_RULES = frozenset(rule.name for rule in all_rules() if rule.code.startswith("SUP"))
"""Rules about what other rules found; they run behind those."""


@dataclass(frozen=True)
class Mutant:
    """A project with a mistake."""

    seed: Seed
    project: Project
    texts: dict[str, str]
    """The modules that differ from the project's, by path."""
    disguise: str = ""
    """Name of the disguise; "" for none."""

    @property
    def name(self) -> str:
        how = f" as {self.disguise}" if self.disguise else ""
        return f"{self.seed.rule}: {self.seed.name} in {self.project.name}{how}"

    def is_caught(self) -> bool:
        """Whether the rule finds more in the project than it does without the mistake."""
        found = findings_of(self.seed.rule, self.project, self.texts)
        without = 0 if self.is_made else _count_in_clean(self.project, self.seed.rule)
        return len(found) > without

    @property
    def is_made(self) -> bool:
        """Whether the project was made with the mistake: by a seed, or for a rule's page."""
        return self.seed.make is None and self.seed.make_files is None


def findings_of(rule: str, project: Project, texts: dict[str, str]) -> list[Diagnostic]:
    """Return what a rule finds in a project with other texts for some modules."""
    if rule in COMMENT_RULES:
        config = replace(project.config, select=(rule,))
        found = examine(load_project(config.root, config, overlays=texts))
        return [finding for finding in found if finding.rule == rule]
    known = find_rule(rule)
    assert known is not None
    return list(known().check(project.load(texts) if texts else project.linked))


@cache
def _count_in_clean(project: Project, rule: str) -> int:
    return len(findings_of(rule, project, {}))


@dataclass(frozen=True)
class _Site:
    """A mistake in one module, with the statements that it is in."""

    source: Source
    """The module with the mistake."""
    touched: tuple[tuple[int, int], ...]

    def is_touched_by(self, changes: Changes) -> bool:
        return any(
            change.start <= end and start <= change.end
            for change in changes
            for start, end in self.touched
        )


def _seeded(original: Source, changes: Changes) -> _Site | None:
    """Apply a mistake; None when the module cannot be parsed any more."""
    text = original.apply(changes)
    try:
        source = Source.parse(original.path, text)
    except SyntaxError:
        return None
    before = Counter(map(original.segment, original.tree.body))
    now = Counter(map(source.segment, source.tree.body))
    touched = [
        node for node in source.tree.body if now[segment := source.segment(node)] > before[segment]
    ]
    return _Site(source, tuple((source.start(node), source.end(node)) for node in touched))


def _sites(seed: Seed, project: Project, turn: int) -> Iterator[tuple[Source, Changes]]:
    """The places for a mistake in a project, in an order that differs from project to project."""
    assert seed.make is not None
    for source in project.sources.values():
        found = list(islice(seed.make(project, source), SITES_PER_MODULE))
        yield from ((source, found[(turn + at) % len(found)]) for at in range(len(found)))


def mutants_of(rule: str) -> list[Mutant]:
    """Return the mutants of a rule: every mistake plain in several projects, and in disguise.

    The disguises are dealt to the mistakes in turns: each is used at least once per rule.
    """
    load_all()
    seeds = [seed for seed in SEEDS if seed.rule == rule]
    if not seeds:
        return list(_of_samples(rule))
    start = sum(map(ord, rule))
    mutants: list[Mutant] = []
    for number, seed in enumerate(seeds):
        mutants += _plain_and_disguised(seed, start + number, number, len(seeds))
    return mutants


def _of_samples(rule: str) -> Iterator[Mutant]:
    for sample, source in samples(rule):
        yield Mutant(Seed(rule, "sample"), sample, {source.path: source.text})
        for name, disguise in DISGUISES.items():
            changes = disguise(sample, source)
            if changes and name not in NOT_THE_SAME.get(rule, {}):
                yield Mutant(
                    Seed(rule, "sample"), sample, {source.path: source.apply(changes)}, name
                )


def _plain_and_disguised(seed: Seed, start: int, number: int, seeds: int) -> Iterator[Mutant]:
    if seed.make_projects is not None:
        yield from (Mutant(seed, project, {}) for project in seed.make_projects())
        return
    all_projects = projects()
    ordered = [all_projects[(start + at) % len(all_projects)] for at in range(len(all_projects))]
    if seed.make_files is not None:
        for project in ordered[:PROJECTS_PER_SEED]:
            yield from (
                Mutant(seed, project, texts) for texts in islice(seed.make_files(project), 1)
            )
        return
    sites: list[tuple[Project, _Site]] = []
    count = 0
    for turn, project in enumerate(ordered):
        for original, changes in _sites(seed, project, turn):
            site = _seeded(original, changes)
            text = original.apply(changes)
            if text == original.text or (site is None and not seed.plain):
                continue
            yield Mutant(seed, project, {original.path: text})
            count += 1
            if site is not None:
                sites.append((project, site))
            break
        if count == PROJECTS_PER_SEED:
            break
    if not seed.plain:
        yield from _disguised(seed, sites, number, seeds)


def _disguised(
    seed: Seed, sites: list[tuple[Project, _Site]], number: int, seeds: int
) -> Iterator[Mutant]:
    skipped = NOT_THE_SAME.get(seed.rule, {})
    for turn, (name, disguise) in enumerate(DISGUISES.items()):
        if name in skipped or turn % seeds != number:
            continue
        for at in range(len(sites)):
            project, site = sites[(turn + at) % len(sites)]
            changes = disguise(project, site.source)
            if site.is_touched_by(changes):
                text = site.source.apply(changes)
                yield Mutant(seed, project, {site.source.path: text}, name)
                break
