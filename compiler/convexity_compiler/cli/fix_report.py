"""What fixes did, in words for stderr."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from convexity_compiler.cli.reporting import count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.cli.fixing import FixedProject
    from convexity_compiler.diagnostics.model import Diagnostic


def fix_report(outcome: FixedProject, *, is_preview: bool) -> str:
    """Return what was fixed by file and rule, and which fixes were refused and why."""
    return "\n".join(_lines(outcome, is_preview=is_preview))


def _lines(outcome: FixedProject, *, is_preview: bool) -> Iterator[str]:
    for refused in outcome.refused:
        finding = refused.finding
        where = f"{finding.path}:{finding.span.line}"
        yield f"Left alone {finding.rule} at {where}: {refused.reason}."
    verb = "Would fix" if is_preview else "Fixed"
    if not outcome.fixed:
        yield f"{verb} nothing."
        return
    files = {finding.path for finding in outcome.fixed}
    yield f"{verb} {count(len(outcome.fixed), 'finding')} in {count(len(files), 'file')}:"
    for path in sorted(files):
        yield f"  {path}: {_rules(finding for finding in outcome.fixed if finding.path == path)}"


def _rules(findings: Iterator[Diagnostic]) -> str:
    counted = Counter(finding.rule for finding in findings)
    return ", ".join(
        f"{rule} ({number})" if number > 1 else rule for rule, number in sorted(counted.items())
    )
