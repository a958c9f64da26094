"""Comments that silence findings: ``# convexity: ignore[rule-name] reason``.

Behind code, ``ignore`` covers its line; on a line of its own, the next statement up to its colon,
decorators included. ``file-ignore`` covers the file, ``disable`` … ``enable`` what lies between
(docs/guides/check.md). There is no form without rule names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from convexity_compiler.summary.walk import sub_blocks, walk_statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.summary.model import ModuleSummary

_COMMENT = re.compile(
    r"#\s*convexity:\s*(?P<verb>file-ignore|ignore|disable|enable)\[(?P<rules>[^\]]*)\]"
)


@dataclass(frozen=True, slots=True)
class Suppression:
    """A rule that is silent on some lines; ``last`` is None up to the end of the file."""

    rule: str
    """Name or code, as written."""
    first: int
    last: int | None

    def covers(self, diagnostic: Diagnostic) -> bool:
        """Whether it silences the finding."""
        return (
            self.rule in (diagnostic.rule, diagnostic.code)
            and self.first <= diagnostic.span.line
            and (self.last is None or diagnostic.span.line <= self.last)
        )


def suppressions(module: ModuleSummary) -> tuple[Suppression, ...]:
    """Return what the comments of a module silence."""
    return tuple(_suppressions(module))


def _suppressions(module: ModuleSummary) -> Iterator[Suppression]:
    disabled: dict[str, int] = {}
    for comment in module.comments:
        match = _COMMENT.match(comment.text)
        if match is None:
            continue
        line = comment.span.line
        rules = [rule.strip() for rule in match["rules"].split(",") if rule.strip()]
        for rule in rules:
            match match["verb"]:
                case "file-ignore":
                    yield Suppression(rule, 1, None)
                case "ignore" if comment.own_line:
                    yield Suppression(rule, line + 1, _end_of_header(module, line + 1))
                case "ignore":
                    yield Suppression(rule, line, line)
                case "disable":
                    disabled.setdefault(rule, line)
                case _:
                    if rule in disabled:
                        yield Suppression(rule, disabled.pop(rule), line)
    for rule, line in disabled.items():
        yield Suppression(rule, line, None)


def _end_of_header(module: ModuleSummary, line: int) -> int:
    """Return the last line of the statement that begins at ``line``, without its block."""
    # Comments and empty lines may stand between.
    lines = module.lines
    while line <= len(lines) and (
        not lines[line - 1].strip() or lines[line - 1].lstrip()[0] == "#"
    ):
        line += 1
    functions = [*module.functions]
    for definition in module.classes:
        functions += definition.methods
    for function in functions:
        if function.span.line == line:
            parts = [function.name_span, *(entry.span for entry in function.parameters)]
            if function.returns is not None:
                parts.append(function.returns.span)
            return max(function.body_span.line - 1, *(span.end_line for span in parts))
    for binding in module.assignments + module.statements:
        if binding.span.line == line:
            return binding.span.end_line
    for function in functions:
        if function.span.line <= line <= function.span.end_line:
            for statement in walk_statements(function.statements):
                if statement.span.line == line:
                    block = next(sub_blocks(statement), ())
                    return max(line, block[0].span.line - 1) if block else statement.span.end_line
    return line
