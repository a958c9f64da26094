"""Removing statements, and parts of displays, calls and chains.

With them go the commas, dots and lines that they would leave.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from convexity_compiler.rules.editing import replace_text
from convexity_compiler.span import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convexity_compiler.diagnostics.model import Edit
    from convexity_compiler.link.model import LinkedProject, Location

_COMMA = re.compile(r"\s*,")


def remove_item(project: LinkedProject, item: Location) -> Edit:
    """Remove an item of a dict display or an argument of a call.

    With it goes the comma behind it, or for the last item the one before it. Comments stay.
    """
    module, span = item
    lines = project.modules[module].lines
    end_line, end_column = span[2:]
    after = _COMMA.match(lines[end_line - 1][end_column - 1 :])
    if after is not None:
        return _remove(project, module, Span(*span[:2], end_line, end_column + after.end()))
    line, column = span[:2]
    before = lines[line - 1][: column - 1].rstrip()
    if before.endswith(","):
        return _remove(project, module, Span(line, len(before), end_line, end_column))
    return _remove(project, module, span)


def remove_link(project: LinkedProject, link: Location) -> Edit | None:
    """Remove ``name(...)`` of a chain with the dot before it.

    None where the dot is not beside it, or where a comment would be left in its place.
    """
    module, span = link
    lines = project.modules[module].lines
    line, column = span[:2]
    before = lines[line - 1][: column - 1].rstrip()
    after = lines[span.end_line - 1][span.end_column - 1 :].strip()
    if not before.endswith("."):
        return None
    column = len(before)
    if not before[:-1].strip() and after and line > 1:
        # What follows moves up to the line before.
        line, column = line - 1, len(lines[line - 2].rstrip()) + 1
        if "#" in lines[line - 1] or after.startswith("#"):
            return None
    return _remove(project, module, Span(line, column, *span[2:]))


def lines_alone(lines: Sequence[str], span: Span) -> Span | None:
    """Return a statement of a module with the blank lines before it.

    None where it is indented, or something follows it in its last line.
    """
    line, column, end_line, end_column = span
    if column != 1 or lines[end_line - 1][end_column - 1 :].strip():
        return None
    before = line - 1
    while before and not lines[before - 1].strip():
        before -= 1
    if not before:
        return span
    return Span(before, len(lines[before - 1]) + 1, end_line, end_column)


def _remove(project: LinkedProject, module: str, span: Span) -> Edit:
    """Remove a stretch; lines of which nothing is left go as a whole, else the space behind it."""
    lines = project.modules[module].lines
    line, column, end_line, end_column = span
    before, after = lines[line - 1][: column - 1], lines[end_line - 1][end_column - 1 :]
    if not before.strip() and not after.strip() and end_line < len(lines):
        return replace_text(project, module, Span(line, 1, end_line + 1, 1), "")
    if not before.strip() or before[-1] in " ([{":
        space = len(after) - len(after.lstrip(" "))
        span = Span(line, column, end_line, end_column + space)
    return replace_text(project, module, span, "")
