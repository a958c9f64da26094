"""Applying fixes: text edits by position, all of a fix or none of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convexity_compiler.diagnostics.model import Diagnostic, Edit

_LINE_END = re.compile(r"\r\n|\r|\n")


def choose_fixes(diagnostics: Iterable[Diagnostic], *, unsafe: bool = False) -> list[Diagnostic]:
    """Return the findings whose fixes can be applied together.

    Of fixes that overlap, the first wins; the others get their turn when the file is checked again.
    Unsafe fixes are left out unless ``unsafe``.
    """
    chosen: dict[str, list[Edit]] = {}
    found = []
    for diagnostic in diagnostics:
        fix = diagnostic.fix
        if fix is None or (fix.applicability == "unsafe" and not unsafe):
            continue
        fresh = [edit for edit in fix.edits if not _is_made(edit, chosen.get(edit.path, ()))]
        if any(_overlap(edit, other) for edit in fresh for other in chosen.get(edit.path, ())):
            continue
        for edit in fresh:
            chosen.setdefault(edit.path, []).append(edit)
        found.append(diagnostic)
    return found


def edits_by_path(fixable: Iterable[Diagnostic]) -> dict[str, list[Edit]]:
    """Return the edits of fixes that can be applied together; shared ones once."""
    found: dict[str, list[Edit]] = {}
    for diagnostic in fixable:
        for edit in diagnostic.fix.edits if diagnostic.fix else ():
            known = found.setdefault(edit.path, [])
            if not _is_made(edit, known):
                known.append(edit)
    return found


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return ``text`` after edits that do not overlap, in whatever order they are given.

    Imports that are inserted at one place come in the order of their texts. Line ends that edits
    bring along become those of the text.
    """
    starts = _line_starts(text)
    line_end = _LINE_END.search(text)
    for edit in sorted(edits, key=lambda item: (item.span, item.text), reverse=True):
        start = starts[edit.span.line - 1] + edit.span.column - 1
        end = starts[edit.span.end_line - 1] + edit.span.end_column - 1
        inserted = edit.text.replace("\n", line_end[0]) if line_end else edit.text
        text = text[:start] + inserted + text[end:]
    return text


def _is_made(edit: Edit, known: Iterable[Edit]) -> bool:
    return edit.shared and edit in known


def _overlap(one: Edit, other: Edit) -> bool:
    first, second = sorted((one.span, other.span))
    if first == second:
        return not _stand_together(one, other)
    return (second.line, second.column) < (first.end_line, first.end_column)


def _stand_together(one: Edit, other: Edit) -> bool:
    """Whether two insertions at one place are imports, but no two statements of one module."""
    if not (one.shared and other.shared and one.span[:2] == one.span[2:]):
        return False
    statement = one.text.lstrip().partition(" import ")
    return not statement[1] or statement[0] != other.text.lstrip().partition(" import ")[0]


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in _LINE_END.finditer(text))]
