"""Building the edits of fixes from places in modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Edit
from convexity_compiler.span import Span

if TYPE_CHECKING:
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.summary.expressions import Call, Dict


def replace_text(project: LinkedProject, module: str, span: Span, text: str) -> Edit:
    """Replace ``span`` of a module."""
    return Edit(path=project.path_of(module), span=span, text=text)


def insert_before(project: LinkedProject, module: str, span: Span, text: str) -> Edit:
    """Insert ``text`` where ``span`` begins."""
    line, column = span[:2]
    return replace_text(project, module, Span(line, column, line, column), text)


def insert_after(project: LinkedProject, module: str, span: Span, text: str) -> Edit:
    """Insert ``text`` where ``span`` ends."""
    line, column = span[2:]
    return replace_text(project, module, Span(line, column, line, column), text)


def prepend_argument(project: LinkedProject, module: str, call: Call, text: str) -> Edit:
    """Insert an argument as the first of a call."""
    given = [node.span for node in (*call.arguments, *call.keywords)]
    if given:
        return insert_before(project, module, min(given), f"{text}, ")
    return _into_empty_call(project, module, call, text)


def append_argument(project: LinkedProject, module: str, call: Call, text: str) -> Edit:
    """Insert an argument as the last of a call."""
    given = [node.span for node in (*call.arguments, *call.keywords)]
    if given:
        return insert_after(project, module, max(given, key=lambda span: span[2:]), f", {text}")
    return _into_empty_call(project, module, call, text)


def _into_empty_call(project: LinkedProject, module: str, call: Call, text: str) -> Edit:
    line, column = call.span[2:]
    return replace_text(project, module, Span(line, column - 1, line, column - 1), text)


def append_item(project: LinkedProject, module: str, display: Dict, text: str) -> Edit:
    """Insert an item as the last of a dict display."""
    if display.items:
        return insert_after(project, module, display.items[-1].span, f", {text}")
    line, column = display.span[2:]
    return replace_text(project, module, Span(line, column - 1, line, column - 1), text)
