"""Building the edits of fixes from places in modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Edit
from convexity_compiler.span import Span
from convexity_compiler.summary.expressions import Name

if TYPE_CHECKING:
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.summary.expressions import Call


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


def validators_name(project: LinkedProject, module: str) -> str | None:
    """Return the name under which a module knows ``convexity.values.v``; None when it does not."""
    for entry in project.modules[module].imports:
        if entry.scope == "module" and entry.name == "v":
            name = Name(entry.span, entry.bound)
            if project.resolver.qualified_name(module, name) == "convexity.values.v":
                return entry.bound
    return None
