"""Prints what the rules catch: ``python -m tests.mutation [--page FILE] [RULE...]``.

``--page`` writes the table into a page as well, row by row: the rows of rules that are not asked
for stay, so that the table can be made in parts.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import click
from convexity_compiler.rules.engine import check
from convexity_compiler.rules.registry import all_rules

from tests.mutation.mutants import mutants_of
from tests.mutation.page import Row, read_rows, write_page
from tests.mutation.project import projects
from tests.mutation.registry import DISGUISES, load_all


def _false_alarms(names: frozenset[str]) -> Counter[str]:
    """Findings in the corpus, as it is and under every disguise, by rule."""
    found: Counter[str] = Counter()
    for project in projects(whole=True):
        found.update(finding.rule for finding in check(project.linked) if finding.rule in names)
    for disguise in DISGUISES.values():
        for project in projects():
            texts = {
                path: source.apply(changes)
                for path, source in project.sources.items()
                if (changes := disguise(project, source))
            }
            if texts:
                findings = check(project.load(texts))
                found.update(finding.rule for finding in findings if finding.rule in names)
    return found


@click.command()
@click.argument("rules", nargs=-1)
@click.option("--page", type=click.Path(dir_okay=False, path_type=Path), help="Page to write.")
def main(rules: tuple[str, ...], page: Path | None) -> None:
    """Try RULES, or all of them, on the mutated corpus."""
    load_all()
    known = [rule.name for rule in all_rules()]
    names = [name for name in known if name in rules or not rules]
    rows = {rule: row for rule, row in read_rows(page).items() if rule in known}
    alarms = _false_alarms(frozenset(names))
    missed: list[str] = []
    for name in names:
        mutants = mutants_of(name)
        lost = [mutant.name for mutant in mutants if not mutant.is_caught()]
        rows[name] = Row(
            rule=name,
            mutants=len(mutants),
            forms=len({(mutant.seed.name, mutant.disguise) for mutant in mutants}),
            disguises=len({mutant.disguise for mutant in mutants if mutant.disguise}),
            projects=len({mutant.project.name for mutant in mutants}),
            caught=len(mutants) - len(lost),
            false_alarms=alarms[name],
        )
        click.echo(rows[name].line)
        missed += lost
        if page is not None:
            write_page(page, [rows[rule] for rule in known if rule in rows])
    for mutant in missed:
        click.echo(f"missed: {mutant}", err=True)
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
