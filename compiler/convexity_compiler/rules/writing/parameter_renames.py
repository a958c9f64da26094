"""Renaming a parameter wherever its function uses it."""

from __future__ import annotations

from keyword import iskeyword
from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.span import Span
from convexity_compiler.summary.expressions import FormattedString, Name
from convexity_compiler.summary.walk import walk

if TYPE_CHECKING:
    from convexity_compiler.link.model import LinkedFunction, LinkedProject
    from convexity_compiler.summary.model import Parameter


def rename_parameter(
    project: LinkedProject, function: LinkedFunction, parameter: Parameter, name: str
) -> Fix | None:
    """Return the unsafe fix that gives a parameter of a handler another name.

    None where the name is taken, where the old one has another meaning too, and where an f-string
    uses it: Python 3.11 does not say at which place.
    """
    use = next((entry for entry in functions(project) if entry.registered is function), None)
    if use is None or not name.isidentifier() or iskeyword(name):
        return None
    if name in use.bindings or len(use.bindings.get(parameter.name, ())) != 1:
        return None
    places = [node for node in use.nodes if isinstance(node, Name) and node.id == parameter.name]
    formatted = [
        part for node in use.nodes if isinstance(node, FormattedString) for part in walk(node)
    ]
    if any(isinstance(part, Name) and part.id == parameter.name for part in formatted):
        return None
    line, column = parameter.span[:2]
    own = Span(line, column, line, column + len(parameter.name))
    spans = [own, *(place.span for place in places)]
    return Fix(
        title=f"call the parameter `{name}`",
        applicability="unsafe",
        edits=tuple(replace_text(project, function.module, span, name) for span in spans),
    )
