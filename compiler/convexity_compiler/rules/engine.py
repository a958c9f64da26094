"""The check stage: runs rules over a linked project."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import sort_diagnostics
from convexity_compiler.rules.comments import conclude
from convexity_compiler.rules.registry import all_rules, select_rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


def check(project: LinkedProject) -> list[Diagnostic]:
    """Run the rules that the project's settings select; return what is left to report, in order.

    Raises ConfigError when the settings name a rule that does not exist.
    """
    return [finding for finding in examine(project) if finding.silence is None]


def examine(project: LinkedProject, types: Sequence[Diagnostic] | None = None) -> list[Diagnostic]:
    """Run the rules that the project's settings select; return the silenced findings too.

    ``types`` are the findings of a type checker, which join the others; None when none ran. Raises
    ConfigError when the settings name a rule that does not exist.
    """
    rules = select_rules(project.config)
    findings = [
        replace(diagnostic, severity=selected.severity)
        for selected in rules
        for diagnostic in selected.rule.check(project)
    ]
    return conclude(project, rules, findings, types)


def obstacles(project: LinkedProject) -> list[Diagnostic]:
    """Return the findings that leave no right way to generate anything.

    Settings and comments do not count: silence makes nothing readable.
    """
    return sort_diagnostics(
        [
            diagnostic
            for rule in all_rules()
            if rule.blocks_generation
            for diagnostic in rule().check(project)
        ]
    )
