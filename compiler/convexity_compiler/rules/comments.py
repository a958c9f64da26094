"""The last step of a check: what comments and settings silence, and rules about the comments."""

from __future__ import annotations

from abc import abstractmethod
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Final

from convexity_compiler.diagnostics.directives import directives
from convexity_compiler.diagnostics.model import TYPE_CHECKER, sort_diagnostics
from convexity_compiler.diagnostics.noqa import point_out_noqa
from convexity_compiler.diagnostics.suppressions import names_or_covers, silence, suppressions
from convexity_compiler.records import record, replace
from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from convexity_compiler.config import Config
    from convexity_compiler.diagnostics.directives import Directive
    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.diagnostics.suppressions import Suppression
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.registry import SelectedRule
    from convexity_compiler.summary.model import ModuleSummary


_NOQA: Final = "noqa"
COMMENT_MARKS: Final = ("convexity:", _NOQA)
"""What comments addressed to convexity, and to other linters, have in them."""


@record
class Review:
    """What the comments of a project came to."""

    directives: tuple[Directive, ...]
    """Those of all files, mistakes included."""
    suppressions: Mapping[str, Sequence[Suppression]]
    """By path."""
    findings: Sequence[Diagnostic]
    """What the other rules found, silenced or not."""
    used: frozenset[Suppression]
    """Those that silenced something."""
    rules: frozenset[str]
    """Names and codes, in lower case, of the rules that ran."""
    types_checked: bool
    """Whether a type checker ran too."""
    lines: Mapping[str, Sequence[str]]
    """Source lines by path."""

    def ran(self, rule: str) -> bool:
        """Whether a rule, given by name or code in any case, could have found something."""
        if rule.startswith(TYPE_CHECKER):
            return self.types_checked
        return rule.lower() in self.rules


class CommentRule(Rule):
    """A rule about comments that silence: it runs when the findings of all others are known."""

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:  # noqa: ARG002
        """Yield nothing: see ``review``."""
        return iter(())

    @abstractmethod
    def review(self, review: Review) -> Iterator[Diagnostic]:
        """Yield the findings about the comments of all files, in any order."""


def conclude(
    config: Config,
    commented: Iterable[ModuleSummary],
    selected: Sequence[SelectedRule],
    found: Iterable[Diagnostic],
    types: Sequence[Diagnostic] | None = None,
) -> list[Diagnostic]:
    """Return the findings in the order of the report; those that do not count are marked.

    Args:
        config: The settings of the project.
        commented: At least the modules that have one of ``COMMENT_MARKS`` in their text.
        selected: The rules that ran; those about comments run here.
        found: What the other rules found, with the severities of the settings.
        types: What a type checker found; None when none ran.

    """
    findings = sort_diagnostics([*found, *(types or ())])
    texts = {f"{config.functions}/{module.path}": module for module in commented}
    modules = {path: module for path, module in texts.items() if module.comments}
    if modules:
        by_path = {path: directives(path, module.comments) for path, module in modules.items()}
        comments = {path: suppressions(entries) for path, entries in by_path.items()}
        findings, used = silence(findings, comments, config.unsuppressible)
        ran = [entry.rule for entry in selected if not isinstance(entry.rule, CommentRule)]
        review = Review(
            directives=tuple(entry for entries in by_path.values() for entry in entries),
            suppressions=comments,
            findings=findings,
            used=frozenset(used),
            rules=frozenset(text for rule in ran for text in (rule.name, rule.code.lower())),
            types_checked=types is not None,
            lines={path: module.lines for path, module in modules.items()},
        )
        about_comments = [
            replace(diagnostic, severity=entry.severity)
            for entry in selected
            if isinstance(entry.rule, CommentRule)
            for diagnostic in entry.rule.review(review)
        ]
        if about_comments:
            marked, _ = silence(about_comments, comments, config.unsuppressible)
            findings = sort_diagnostics([*findings, *marked])
    return [
        _with_hint(diagnostic, texts.get(diagnostic.path))
        for diagnostic in findings
        if not _is_exempt(diagnostic, config)
    ]


def _with_hint(diagnostic: Diagnostic, module: ModuleSummary | None) -> Diagnostic:
    if module is None or diagnostic.silence is not None or _NOQA not in module.text:
        return diagnostic
    lines = module.lines[diagnostic.span.line - 1 : diagnostic.span.line]
    return point_out_noqa(diagnostic, lines[0]) if lines else diagnostic


def _is_exempt(diagnostic: Diagnostic, config: Config) -> bool:
    return any(
        fnmatch(diagnostic.path, pattern)
        and any(names_or_covers(rule, diagnostic) for rule in rules)
        for pattern, rules in config.per_file_ignores.items()
    )
