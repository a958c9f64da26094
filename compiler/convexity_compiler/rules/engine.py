"""The check stage: runs rules over a linked project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import sort_diagnostics
from convexity_compiler.link.special_files import SCHEMA
from convexity_compiler.rules.collecting import CollectingRule
from convexity_compiler.rules.comments import conclude
from convexity_compiler.rules.registry import SelectedRule, all_rules, select_rules
from convexity_compiler.rules.reports import ModuleReport
from convexity_compiler.rules.usage.functions import forget_functions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.collecting import Fact
    from convexity_compiler.span import Span
    from convexity_compiler.timing import Timing


def check(project: LinkedProject) -> list[Diagnostic]:
    """Run the rules that the project's settings select; return what is left to report, in order.

    Raises ConfigError when the settings name a rule that does not exist.
    """
    return [finding for finding in examine(project) if finding.silence is None]


def examine(
    project: LinkedProject,
    types: Callable[[], Sequence[Diagnostic]] | None = None,
    *,
    timing: Timing | None = None,
) -> list[Diagnostic]:
    """Run the rules that the project's settings select; return the silenced findings too.

    ``types`` returns the findings of a type checker, which join the others; it is called when the
    rules are done. ``timing`` learns how long each rule took. Raises ConfigError when the settings
    name a rule that does not exist.
    """
    rules = select_rules(project.config)
    if timing is not None:
        rules = timing.timed(rules)
    found = {path: check_module(project, path, rules) for path in project.modules}
    findings = [*check_project(project, rules, found), *combine(project, found)]
    return conclude(
        project.config, project.own_modules, rules, findings, types() if types else None
    )


def check_module(
    project: LinkedProject, module: str, rules: Sequence[SelectedRule]
) -> ModuleReport:
    """Run the rules about modules over one of them, and collect for those about the project."""
    focused = project.focused(module)
    words = project.modules[module].words
    findings: list[Diagnostic] = []
    facts: dict[str, list[Fact]] = {}
    for selected in rules:
        rule = selected.rule
        if rule.words and rule.words.isdisjoint(words):
            if isinstance(rule, CollectingRule):
                facts[rule.name] = []
        elif rule.scope == "module":
            found = selected.check(focused)
            if found:
                findings += found
        elif isinstance(rule, CollectingRule):
            facts[rule.name] = list(rule.collect(focused))
    forget_functions(project, module)
    vars(focused).clear()  # what rules remembered there refers back to it
    return ModuleReport(tuple(findings), facts)


def check_project(
    project: LinkedProject, rules: Sequence[SelectedRule], reports: Mapping[str, ModuleReport]
) -> list[Diagnostic]:
    """Run the rules about the project as a whole."""
    found: list[Diagnostic] = []
    for selected in rules:
        rule = selected.rule
        if isinstance(rule, CollectingRule):
            facts = {path: report.facts[rule.name] for path, report in sorted(reports.items())}
            found += selected.graded(rule.conclude(project.whole, facts))
        elif rule.scope == "project":
            found += selected.check(project.whole)
    return found


def combine(project: LinkedProject, reports: Mapping[str, ModuleReport]) -> list[Diagnostic]:
    """Put the findings of the modules together.

    What a module uses of another may be wrong there: then every user finds it, in words of its
    own. The first counts, the schema before all others.
    """
    found: dict[tuple[str, str, Span], Diagnostic] = {}
    own: list[Diagnostic] = []
    foreign: list[Diagnostic] = []
    for module in sorted(reports, key=lambda module: (module != SCHEMA.module, module)):
        path = project.path_of(module)
        for diagnostic in reports[module].findings:
            (own if diagnostic.path == path else foreign).append(diagnostic)
    known = {(entry.path, entry.code, entry.span) for entry in own}
    for diagnostic in foreign:
        key = (diagnostic.path, diagnostic.code, diagnostic.span)
        if key not in known:
            found.setdefault(key, diagnostic)
    return [*own, *found.values()]


def obstacles(project: LinkedProject) -> list[Diagnostic]:
    """Return the findings that leave no right way to generate anything.

    Settings and comments do not count: silence makes nothing readable.
    """
    rules = [SelectedRule(rule(), rule.severity) for rule in all_rules() if rule.blocks_generation]
    found = {path: check_module(project, path, rules) for path in project.modules}
    return sort_diagnostics([*check_project(project, rules, found), *combine(project, found)])
