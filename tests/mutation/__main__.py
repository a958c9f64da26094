"""Prints what the rules catch: ``python -m tests.mutation [RULE...]``."""

from __future__ import annotations

import sys
from collections import Counter

from convexity_compiler.rules.engine import check
from convexity_compiler.rules.registry import all_rules

from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.project import projects
from tests.mutation.registry import DISGUISES, load_all


def _false_alarms() -> Counter[str]:
    """Findings in the corpus, as it is and under every disguise, by rule."""
    found: Counter[str] = Counter()
    for project in projects():
        found.update(finding.rule for finding in check(project.linked))
        for disguise in DISGUISES.values():
            texts = {
                path: source.apply(changes)
                for path, source in project.sources.items()
                if (changes := disguise(project, source))
            }
            found.update(finding.rule for finding in check(project.load(texts)))
    return found


def main() -> None:
    load_all()
    wanted = sys.argv[1:]
    names = [rule.name for rule in all_rules()]
    mutants = {name: mutants_of(name) for name in names if not wanted or name in wanted}
    alarms: Counter[str] = Counter() if wanted else _false_alarms()
    print("| rule | mutants | forms | projects | caught | false alarms |")
    print("|---|---|---|---|---|---|")
    missed: list[Mutant] = []
    for name, entries in mutants.items():
        lost = [mutant for mutant in entries if not mutant.is_caught()]
        missed += lost
        forms = len({(mutant.seed.name, mutant.disguise) for mutant in entries})
        places = len({mutant.project.name for mutant in entries})
        caught = len(entries) - len(lost)
        print(f"| {name} | {len(entries)} | {forms} | {places} | {caught} | {alarms[name]} |")
    for mutant in missed:
        print(f"missed: {mutant.name}", file=sys.stderr)
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
