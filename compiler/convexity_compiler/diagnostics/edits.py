"""Applying fixes: text edits by position, all of a fix or none of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convexity_compiler.diagnostics.model import Diagnostic, Edit

_LINE_END = re.compile(r"\r\n|\r|\n")


def choose_edits(
    diagnostics: Iterable[Diagnostic], *, unsafe: bool = False
) -> tuple[dict[str, list[Edit]], int]:
    """Return edits by path, and of how many fixes they are.

    Of fixes that overlap, the first wins; the others get their turn when the file is checked again.
    Unsafe fixes are left out unless ``unsafe``.
    """
    chosen: dict[str, list[Edit]] = {}
    count = 0
    for diagnostic in diagnostics:
        fix = diagnostic.fix
        if fix is None or (fix.applicability == "unsafe" and not unsafe):
            continue
        fresh = [
            edit for edit in fix.edits if not edit.shared or edit not in chosen.get(edit.path, [])
        ]
        if any(_overlap(edit, other) for edit in fresh for other in chosen.get(edit.path, [])):
            continue
        for edit in fresh:
            chosen.setdefault(edit.path, []).append(edit)
        count += 1
    return chosen, count


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return ``text`` after edits that do not overlap."""
    starts = _line_starts(text)
    for edit in sorted(edits, key=lambda item: item.span, reverse=True):
        start = starts[edit.span.line - 1] + edit.span.column - 1
        end = starts[edit.span.end_line - 1] + edit.span.end_column - 1
        text = text[:start] + edit.text + text[end:]
    return text


def _overlap(one: Edit, other: Edit) -> bool:
    first, second = sorted((one.span, other.span))
    if first == second:
        return True
    return (second.line, second.column) < (first.end_line, first.end_column)


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in _LINE_END.finditer(text))]
