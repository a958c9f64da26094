"""Fixes of loops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.editing import insert_before
from convexity_compiler.span import Span
from convexity_compiler.summary.expressions import Generator
from convexity_compiler.summary.statements import For

if TYPE_CHECKING:
    from convexity_compiler.diagnostics.model import Edit
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.places import Place

_KEYWORD = "for "


def async_keyword(project: LinkedProject, module: str, place: Place) -> Edit | None:
    """Return the edit that makes the loop over a place asynchronous; None where it cannot be."""
    loop = place.parent
    if not place.is_async:
        return None
    if isinstance(loop, For):
        return insert_before(project, module, loop.span, "async ")
    if isinstance(loop, Generator):
        line, column = loop.span[:2]
        before = project.modules[module].lines[line - 1][: column - 1]
        if before.endswith(_KEYWORD):
            column -= len(_KEYWORD)
            return insert_before(project, module, Span(line, column, line, column), "async ")
    return None
