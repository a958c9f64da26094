"""Where the time of a check goes: ``convexity check --timing``."""

from __future__ import annotations

import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from convexity_compiler.records import value
from convexity_compiler.rules.registry import SelectedRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.project import LinkedProject


@dataclass(slots=True)
class Timing:
    """Seconds by phase and by rule.

    A project is linked while rules look at it: whatever asks first for something pays for it.
    """

    phases: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    rules: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Count the time within as part of a phase."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.phases[name] += time.perf_counter() - started

    def timed(self, rules: Iterable[SelectedRule]) -> tuple[SelectedRule, ...]:
        """Return the rules so that the time of their checks counts."""
        return tuple(_TimedRule(entry.rule, entry.severity, self) for entry in rules)

    def table(self) -> str:
        """Return the phases in order, then the rules by their time, in milliseconds."""
        by_time = sorted(self.rules.items(), key=lambda row: (-row[1], row[0]))
        width = max(map(len, (*self.phases, *self.rules)), default=0)
        blocks = (
            "".join(f"{name:<{width}}  {seconds * 1000:>9.1f} ms\n" for name, seconds in rows)
            for rows in (self.phases.items(), by_time)
        )
        return "\n".join(blocks)


@value
class _TimedRule(SelectedRule):
    """A rule that runs and tells how long it took."""

    timing: Timing

    def check(self, project: LinkedProject) -> list[Diagnostic]:
        started = time.perf_counter()
        found = SelectedRule.check(self, project)
        self.timing.rules[self.rule.name] += time.perf_counter() - started
        return found
