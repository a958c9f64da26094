"""The comments that steer the checker, taken apart: ``# convexity: ignore[rule-name] reason``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from convexity_compiler.config import nearest
from convexity_compiler.records import value
from convexity_compiler.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from convexity_compiler.summary.model import Comment

VERBS: Final = ("ignore", "file-ignore", "disable", "enable")

_START = re.compile(r"#\s*convexity:\s*")
_DIRECTIVE = re.compile(
    r"#\s*convexity:\s*(?P<verb>[\w-]+)(?P<list>\[(?P<rules>[^\]]*)\])?"
    r"(?P<assigned>\s*=\s*[\w-]+(?:\s*,\s*[\w-]+)*)?(?P<reason>.*)"
)
_NEXT_COMMENT = re.compile(r"\s#\s*\w")


@value
class RuleMention:
    """A rule named in a directive."""

    text: str
    """Name or code, as written."""
    span: Span


@value
class Directive:
    """One order to the checker; a comment may hold other things before and behind it."""

    comment: Comment
    path: str
    """File of the comment, relative to the project root."""
    span: Span
    """From the hash sign to the end of the reason."""
    verb: str
    """One of VERBS; anything else is a mistake."""
    verb_span: Span
    rules: tuple[RuleMention, ...]
    rules_span: Span
    """Of the list with its brackets; empty, behind the verb, when there is none."""
    assigned_span: Span
    """Of rules behind an equals sign, which is how other linters have it and means nothing here;
    empty, behind the list, when there are none."""
    reason: str

    @property
    def is_known(self) -> bool:
        """Whether the verb is one of VERBS."""
        return self.verb in VERBS


def directives(path: str, comments: Iterable[Comment]) -> tuple[Directive, ...]:
    """Return what the comments of a file order, mistakes included, in order."""
    return tuple(_directives(path, comments))


def _directives(path: str, comments: Iterable[Comment]) -> Iterator[Directive]:
    for comment in comments:
        for start in _START.finditer(comment.text):
            match = _DIRECTIVE.match(comment.text, start.start())
            if match is not None:
                found = _directive(path, comment, match)
                if found.is_known or found.rules or nearest(found.verb, VERBS):
                    yield found


def _directive(path: str, comment: Comment, match: re.Match[str]) -> Directive:
    line, column = comment.span[:2]

    def span(start: int, end: int) -> Span:
        return Span(line, column + start, line, column + end)

    other = _NEXT_COMMENT.search(comment.text, match.start("reason"))
    end = other.start() if other else len(comment.text)
    reason = comment.text[match.start("reason") : end]
    end = match.start("reason") + len(reason.rstrip())
    return Directive(
        comment=comment,
        path=path,
        span=span(match.start(), end),
        verb=match["verb"],
        verb_span=span(*match.span("verb")),
        rules=tuple(
            RuleMention(
                name[0],
                span(match.start("rules") + name.start(), match.start("rules") + name.end()),
            )
            for name in re.finditer(r"[^\s,]+(?:\s+[^\s,]+)*", match["rules"] or "")
        ),
        rules_span=span(*match.span("list")) if match["list"] else span(*[match.end("verb")] * 2),
        assigned_span=span(
            *(match.span("assigned") if match["assigned"] else [match.start("reason")] * 2)
        ),
        reason=reason.strip().lstrip(":-\u2013\u2014").strip(),
    )
