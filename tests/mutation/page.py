"""The page that says what each rule catches."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

from tests.mutation.exceptions import ESCAPING, NOT_THE_SAME

if TYPE_CHECKING:
    from pathlib import Path

_HEAD = """\
# What the rules detect

<!-- Written by `python -m tests.mutation --page docs/detection.md`. -->

Each rule's mistake is seeded into the projects of `tests/corpus`, which have no mistakes, and into
the samples of its page where a project has no place for it: plain, and in disguises that keep the
meaning of the code (aliases of imports and modules, values in variables, wrapped calls, code moved
into a helper, decorators over several lines, keywords for positions). _Forms_ are the ways in which
it is written: several spellings of the mistake, plain and in disguise, which makes at least five. A
mistake in comments, names of files, settings or generated files has spellings only. _Caught_ are
the mutants in which the rule finds more than before. _False alarms_ are its findings in the corpus
without mistakes, as it is and in every disguise.
"""
_TABLE = """\
| Rule | Mutants | Forms | Disguises | Projects | Caught | False alarms |
|---|---:|---:|---:|---:|---:|---:|
"""
_ROW = re.compile(r"^\| \[?`?([a-z0-9-]+).*?((?: \| \d+){6}) \|$", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """What one rule catches."""

    rule: str
    mutants: int
    forms: int
    """In how many ways the mistake is written: spellings of it, plain and in disguise."""
    disguises: int
    projects: int
    caught: int
    false_alarms: int

    @property
    def line(self) -> str:
        """The row of the table."""
        _, *numbers = astuple(self)
        link = f"[`{self.rule}`](rules/{self.rule}.md)"
        return " | ".join([f"| {link}", *map(str, numbers)]) + " |"


def read_rows(page: Path | None) -> dict[str, Row]:
    """Return the rows of a page by rule; none when there is no page yet."""
    if page is None or not page.exists():
        return {}
    found = _ROW.findall(page.read_text(encoding="utf-8"))
    return {rule: Row(rule, *map(int, cells.split(" | ")[1:])) for rule, cells in found}


def write_page(page: Path, rows: Sequence[Row]) -> None:
    """Write the page with rows in their order; it is replaced at once."""
    mutants, caught = sum(row.mutants for row in rows), sum(row.caught for row in rows)
    alarms = sum(row.false_alarms for row in rows)
    total = (
        f"\nOf {mutants:,} mutants of {len(rows)} rules, {caught:,} are caught; the corpus gives "
        f"{alarms} false alarms.\n"
    )
    text = _HEAD + total + "\n" + _TABLE + "".join(f"{row.line}\n" for row in rows)
    text += "\n## Disguises that change the mistake\n\nThey are left out above.\n\n"
    text += "".join(
        f"- `{rule}`, `{disguise}`: {reason}.\n"
        for rule, reasons in sorted(NOT_THE_SAME.items())
        for disguise, reason in sorted(reasons.items())
    )
    if ESCAPING:
        text += "\n## Disguises that escape\n\n"
    text += "".join(
        f"- `{rule}`: {', '.join(f'`{name}`' for name in sorted(names))}.\n"
        for rule, names in sorted(ESCAPING.items())
    )
    unfinished = page.with_suffix(".md.tmp")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(page)
