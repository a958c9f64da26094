"""The comment that silences one finding, and where it goes (docs/reference/suppressions.md)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from convexity_compiler.diagnostics.directives import directives
from convexity_compiler.diagnostics.model import Edit
from convexity_compiler.lsp.tokens import tokens
from convexity_compiler.rules.base import TOP_OF_FILE
from convexity_compiler.span import Span

if TYPE_CHECKING:
    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.summary.model import ModuleSummary

_KEPT_FIRST: Final = re.compile(r"#!|#.*coding[:=]")
"""Lines that must remain the first: a shebang, an encoding."""


def silencing_edit(finding: Diagnostic, module: ModuleSummary) -> Edit | None:
    """Return the edit that silences a finding in a module; None where no comment can.

    The comment goes behind the line of the finding, or behind the string or the continued lines
    that it is in, and joins an ``ignore`` that is there.
    """
    if module.problem is not None or finding.code.startswith("SUP"):
        return None
    if finding.span == TOP_OF_FILE:
        line = 1
        while line <= len(module.lines) and _KEPT_FIRST.match(module.lines[line - 1]):
            line += 1
        return _insertion(finding, line, 1, f"# convexity: file-ignore[{finding.rule}]\n")
    line = _last_line(module, finding.span.line)
    for directive in directives(finding.path, module.comments):
        if (directive.verb, directive.span.line) == ("ignore", line) and directive.rules:
            column = directive.rules_span.end_column - 1
            return _insertion(finding, line, column, f", {finding.rule}")
    text = module.lines[line - 1]
    place = Span(line, len(text.rstrip()) + 1, line, len(text) + 1)
    return Edit(path=finding.path, span=place, text=f"  # convexity: ignore[{finding.rule}]")


def _insertion(finding: Diagnostic, line: int, column: int, text: str) -> Edit:
    return Edit(path=finding.path, span=Span(line, column, line, column), text=text)


def _last_line(module: ModuleSummary, line: int) -> int:
    """The first line from ``line`` on at whose end a comment can stand."""
    strings = [token for token in tokens(module.text) if token.kind == "string"]
    end = sum(len(text) + 1 for text in module.lines[:line]) - 1
    while line < len(module.lines) and (
        module.lines[line - 1].endswith("\\")
        or any(token.start < end < token.end for token in strings)
    ):
        line += 1
        end += len(module.lines[line - 1]) + 1
    return line
