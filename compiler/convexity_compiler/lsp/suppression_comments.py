"""Names of rules in comments that silence them, in text that need not parse."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from convexity_compiler.rules.registry import find_rule

if TYPE_CHECKING:
    from convexity_compiler.lsp.cursor import AtComment
    from convexity_compiler.rules.base import Rule

_LIST: Final = re.compile(r"#\s*convexity:\s*[\w-]+\[(?P<rules>[^\]]*)")
_NAME: Final = re.compile(r"[\w-]+")


@dataclass(frozen=True, slots=True)
class NamedRule:
    """A rule and the part of the text that names it."""

    rule: type[Rule]
    start: int
    end: int


def rule_in_comment(comment: AtComment, offset: int) -> NamedRule | None:
    """Return the rule whose name or code stands at ``offset`` of a text."""
    place = rule_name_due(comment, offset)
    if place is None:
        return None
    start, end = place
    rule = find_rule(comment.text[start - comment.start : end - comment.start])
    return None if rule is None else NamedRule(rule, start, end)


def rule_name_due(comment: AtComment, offset: int) -> tuple[int, int] | None:
    """Return the part of the text around ``offset`` where the name of a rule is due."""
    for listed in _LIST.finditer(comment.text):
        first, last = (comment.start + place for place in listed.span("rules"))
        if not first <= offset <= last:
            continue
        for name in _NAME.finditer(listed["rules"]):
            start = first + name.start()
            if start <= offset <= start + len(name[0]):
                return start, start + len(name[0])
        return offset, offset
    return None
