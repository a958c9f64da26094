"""The check stage: runs rules over a linked project."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import sort_diagnostics
from convexity_compiler.diagnostics.suppressions import suppressions
from convexity_compiler.rules.registry import all_rules, select_rules

if TYPE_CHECKING:
    from convexity_compiler.config import Config
    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.diagnostics.suppressions import Suppression
    from convexity_compiler.link.model import LinkedProject


def check(project: LinkedProject) -> list[Diagnostic]:
    """Run the rules that the project's settings select; return what is left to report, in order.

    Raises ConfigError when the settings name a rule that does not exist.
    """
    config = project.config
    silenced = {
        project.path_of(name): suppressions(module)
        for name, module in project.modules.items()
        if module.comments
    }
    findings = [
        replace(diagnostic, severity=selected.severity)
        for selected in select_rules(config)
        for diagnostic in selected.rule.check(project)
        if not _is_silenced(diagnostic, config, silenced.get(diagnostic.path, ()))
    ]
    return sort_diagnostics(findings)


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


def _is_silenced(diagnostic: Diagnostic, config: Config, comments: tuple[Suppression, ...]) -> bool:
    names = (diagnostic.rule, diagnostic.code)
    for pattern, rules in config.per_file_ignores.items():
        if fnmatch(diagnostic.path, pattern) and any(name in rules for name in names):
            return True
    if any(name in config.unsuppressible for name in names):
        return False
    return any(comment.covers(diagnostic) for comment in comments)
