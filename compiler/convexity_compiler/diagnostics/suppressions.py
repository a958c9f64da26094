"""What comments silence (docs/reference/suppressions.md), as a function of findings and comments.

Behind code, ``ignore`` covers its line; on a line of its own, the next statement up to its colon,
decorators included. ``file-ignore`` covers the file, ``disable`` … ``enable`` what lies between, or
what is left of the block where ``enable`` is missing. Every one of them names its rules.
"""

from __future__ import annotations

from string import digits
from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Label, Silence
from convexity_compiler.records import replace, value

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from convexity_compiler.diagnostics.directives import Directive, RuleMention
    from convexity_compiler.diagnostics.model import Diagnostic

_ORDER = ("ignore", "disable", "file-ignore")
"""Of comments that cover a finding, the narrowest silences it; the others may be of no use."""


@value
class Suppression:
    """A rule that is silent on some lines; ``last`` is None up to the end of the file."""

    directive: Directive
    rule: RuleMention
    first: int
    last: int | None
    end: Directive | None = None
    """The ``enable`` that ends a ``disable``."""

    def covers(self, diagnostic: Diagnostic) -> bool:
        """Whether it silences the finding."""
        return names(self.rule.text, diagnostic) and self.encloses(diagnostic)

    def encloses(self, diagnostic: Diagnostic) -> bool:
        """Whether the finding begins on its lines."""
        line = diagnostic.span.line
        return self.first <= line and (self.last is None or line <= self.last)


def names(rule: str, diagnostic: Diagnostic) -> bool:
    """Whether ``rule`` is the name or the code of the rule of a finding, in any case."""
    return rule.lower() in (diagnostic.rule, diagnostic.code.lower())


def names_or_covers(setting: str, diagnostic: Diagnostic) -> bool:
    """Whether a setting names the rule of a finding, or its family by prefix, in any case."""
    family = diagnostic.code.rstrip(digits)
    return names(setting, diagnostic) or setting.upper() == family


def suppressions(directives: Sequence[Directive]) -> tuple[Suppression, ...]:
    """Return what the directives of one file silence, the narrowest first."""
    found = sorted(_suppressions(directives), key=lambda item: _ORDER.index(item.directive.verb))
    return tuple(found)


def lines(directive: Directive) -> tuple[int, int | None]:
    """Return the first and last line that a directive is about; None for the end of the file.

    Of ``disable``, the rest of its block.
    """
    comment = directive.comment
    if directive.verb == "file-ignore":
        return 1, None
    return comment.first, comment.last if directive.verb == "ignore" else comment.block_end


def silence(
    findings: Iterable[Diagnostic],
    comments: Mapping[str, Sequence[Suppression]],
    unsuppressible: Collection[str] = (),
) -> tuple[list[Diagnostic], set[Suppression]]:
    """Mark the findings that comments silence; return all findings, and the comments at work.

    Args:
        findings: In any order; theirs is kept.
        comments: What ``suppressions`` returns, by path of the file.
        unsuppressible: Names, codes and families of rules that no comment silences. A comment that
            tries is at work all the same, and their finding points to it.

    """
    result: list[Diagnostic] = []
    used: set[Suppression] = set()
    for diagnostic in findings:
        by = next(
            (item for item in comments.get(diagnostic.path, ()) if item.covers(diagnostic)), None
        )
        if by is None:
            result.append(diagnostic)
            continue
        used.add(by)
        if any(names_or_covers(rule, diagnostic) for rule in unsuppressible):
            refused = Label(
                path=diagnostic.path,
                span=by.directive.span,
                message="no comment silences this rule: it is among `unsuppressible`",
            )
            result.append(replace(diagnostic, labels=(*diagnostic.labels, refused)))
        else:
            result.append(replace(diagnostic, silence=Silence("comment", by.directive.reason)))
    return result, used


def _suppressions(directives: Sequence[Directive]) -> Iterator[Suppression]:
    opened: list[Suppression] = []
    for directive in directives:
        if directive.verb in ("ignore", "file-ignore"):
            first, last = lines(directive)
            for rule in directive.rules:
                yield Suppression(directive, rule, first, last)
        elif directive.verb == "disable":
            first, last = lines(directive)
            opened += [Suppression(directive, rule, first, last) for rule in directive.rules]
        elif directive.verb == "enable":
            for rule in directive.rules:
                start = _opened_by(opened, directive, rule)
                if start is not None:
                    opened.remove(start)
                    yield replace(start, last=directive.span.line, end=directive)
    yield from opened


def _opened_by(
    opened: Sequence[Suppression], end: Directive, rule: RuleMention
) -> Suppression | None:
    """Return what an ``enable`` ends: the last ``disable`` of the rule with its indentation."""
    for start in reversed(opened):
        same_rule = start.rule.text.lower() == rule.text.lower()
        if same_rule and start.directive.comment.indentation == end.comment.indentation:
            return start
    return None
