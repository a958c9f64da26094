"""How the generated files compare with what codegen would write now.

The one place where rules look ahead, at what lower and emit make of a project: it takes as long as
``codegen``, so that rules which ask run only where they are selected.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from convexity_compiler.memo import Memo
from convexity_compiler.rules.base import TOP_OF_FILE, Rule
from convexity_compiler.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.emit.writer import Change
    from convexity_compiler.link.project import LinkedProject

_CHANGES: Memo[LinkedProject, tuple[Change, ...]] = Memo()


class FreshnessRule(Rule):
    """A rule about files in ``_generated``; all of these look at one comparison."""

    scope = "project"
    on_demand = True

    def stale(self, change: Change, message: str, help: str) -> Diagnostic:  # noqa: A002
        """Return a finding where a generated file first differs."""
        place = first_difference(change.before or "", change.after or "")
        return self.file_finding(change.path, place, message, help=help)


def generated_changes(project: LinkedProject) -> Iterator[Change]:
    """Yield the generated files that differ from what codegen would write.

    None in a project from which nothing can be generated: other rules say why.
    """
    if project not in _CHANGES:
        _CHANGES[project] = _changes(project)
    yield from _CHANGES[project]


def first_difference(before: str, after: str) -> Span:
    """Return the first line in which two texts differ, as a place in the first one."""
    lines = before.split("\n")
    for number, (old, new) in enumerate(zip_longest(lines, after.split("\n")), start=1):
        if old != new:
            line = min(number, len(lines))
            return Span(line, 1, line, len(lines[line - 1]) + 1)
    return TOP_OF_FILE


def _changes(project: LinkedProject) -> tuple[Change, ...]:
    from convexity_compiler.emit.generated import plan_generated
    from convexity_compiler.emit.names import GeneratedNameError
    from convexity_compiler.emit.writer import WriteError
    from convexity_compiler.pipeline import compile_project
    from convexity_compiler.rules.engine import obstacles

    if obstacles(project):
        return ()
    try:
        return plan_generated(project.config.root, compile_project(project)).changes
    except (GeneratedNameError, WriteError):
        return ()
