"""The ``full`` format: a frame of source around every finding."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.concise import silence_text
from convexity_compiler.diagnostics.printable import printable
from convexity_compiler.diagnostics.style import Style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convexity_compiler.diagnostics.model import Diagnostic, Fix
    from convexity_compiler.diagnostics.sources import Sources
    from convexity_compiler.span import Span

TAB = "    "
LONGEST_LINE = 240
"""Characters of a line of source that are shown."""
LEAD = 60
"""Characters before a span that are shown of a longer line."""


def render_full(diagnostics: Sequence[Diagnostic], sources: Sources, *, color: bool = False) -> str:
    """Render findings one below the other, with an empty line between them."""
    style = Style(color)
    return "\n".join(_finding(diagnostic, sources, style) for diagnostic in diagnostics)


def _finding(diagnostic: Diagnostic, sources: Sources, style: Style) -> str:
    spans = [diagnostic.span, *(label.span for label in diagnostic.labels)]
    gutter = len(str(max(span.line for span in spans)))
    severity = style.severity(diagnostic.severity, diagnostic.severity)
    identity = style.dim(f"({diagnostic.identity})")
    lines = [f"{severity}{style.bold(': ' + printable(diagnostic.message))} {identity}"]
    lines += _frame("-->", diagnostic.path, diagnostic.span, gutter, sources, style)
    marked = _underline(sources.line(diagnostic.path, diagnostic.span.line), diagnostic.span, "^")
    marked = style.severity(diagnostic.severity, f"{marked} {printable(diagnostic.label)}".rstrip())
    lines.append(f"{_bar(gutter, style)} {marked}")
    for label in diagnostic.labels:
        lines.append(_bar(gutter, style))
        lines += _frame(":::", label.path, label.span, gutter, sources, style)
        marked = _underline(sources.line(label.path, label.span.line), label.span, "-")
        marked = style.secondary(f"{marked} {printable(label.message)}".rstrip())
        lines.append(f"{_bar(gutter, style)} {marked}")
    remedy = _remedy(diagnostic.help, diagnostic.fix)
    if remedy:
        lines.append(f"{style.bold('help')}: {printable(remedy)}")
    if diagnostic.silence is not None:
        lines.append(f"{style.bold('silenced')}: {printable(silence_text(diagnostic.silence))}")
    return "\n".join(lines) + "\n"


def _frame(
    arrow: str, path: str, span: Span, gutter: int, sources: Sources, style: Style
) -> list[str]:
    source = _shown(_excerpt(sources.line(path, span.line), span)[0])
    number = style.dim(f"{span.line:>{gutter}} |")
    return [
        f"{' ' * gutter}{style.dim(arrow)} {printable(path)}:{span.line}:{span.column}",
        _bar(gutter, style),
        f"{number} {source}".rstrip(),
    ]


def _bar(gutter: int, style: Style) -> str:
    return " " * (gutter + 1) + style.dim("|")


def _underline(line: str, span: Span, mark: str) -> str:
    """Marks under the span; of a span over several lines, under the rest of its first line."""
    shown, cut = _excerpt(line, span)
    first = span.column - 1 - cut
    end = span.end_column - 1 - cut if span.end_line == span.line else len(shown)
    return " " * _width(shown[:first]) + mark * max(1, _width(shown[first:end]))


def _excerpt(line: str, span: Span) -> tuple[str, int]:
    """What is shown of the line where a span begins, and by how much columns move to the left."""
    line = line.rstrip()
    if len(line) <= LONGEST_LINE:
        return line, 0
    start = max(0, span.column - 1 - LEAD)
    end = start + LONGEST_LINE
    before, after = "…" if start else "", "…" if end < len(line) else ""
    return before + line[start:end] + after, start - len(before)


def _shown(line: str) -> str:
    return printable(line.replace("\t", TAB))


def _width(text: str) -> int:
    """Columns that ``text`` takes in a terminal."""
    columns = 0
    for character in _shown(text):
        if not unicodedata.combining(character):
            columns += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return columns


def _remedy(help_text: str, fix: Fix | None) -> str:
    if fix is None:
        return help_text
    available = "fix available" if fix.applicability == "safe" else "unsafe fix available"
    return f"{help_text or fix.title} ({available})"
