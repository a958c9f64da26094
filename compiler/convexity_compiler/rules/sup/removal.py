"""Edits that take a directive, or a rule of it, out of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Edit
from convexity_compiler.span import Span

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from convexity_compiler.diagnostics.directives import Directive, RuleMention


def without_rules(
    directive: Directive, rules: Collection[RuleMention], lines: Sequence[str]
) -> Edit:
    """Take rules out of a directive; with the last of them, the directive goes too.

    Args:
        directive: Where they stand.
        rules: Those of its rules to take out.
        lines: The source lines of the file.

    """
    left = [rule.text for rule in directive.rules if rule not in rules]
    if not left:
        return without_directive(directive, lines)
    return Edit(path=directive.path, span=directive.rules_span, text=f"[{', '.join(left)}]")


def without_directive(directive: Directive, lines: Sequence[str]) -> Edit:
    """Take a directive out: its comment, unless that says more; its line, when nothing is left."""
    number, column, _, end = directive.span
    line = lines[number - 1]
    before, behind = line[: column - 1], line[end - 1 :]
    if behind.strip():
        end += len(behind) - len(behind.lstrip())
    elif before.strip():
        column, end = len(before.rstrip()) + 1, len(line) + 1
    elif number < len(lines):
        return Edit(path=directive.path, span=Span(number, 1, number + 1, 1), text="")
    else:
        column, end = 1, len(line) + 1
    return Edit(path=directive.path, span=Span(number, column, number, end), text="")
