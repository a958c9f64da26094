"""Writing references to functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.targets import spelled
from convexity_compiler.rules.writing.names import GENERATED_API, imported_name
from convexity_compiler.summary.expressions import Attribute, Name

if TYPE_CHECKING:
    from convexity_compiler.diagnostics.model import Applicability, Edit
    from convexity_compiler.link.model import LinkedFunction, LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.summary.expressions import Expr


def reference_text(
    project: LinkedProject, module: str, target: LinkedFunction
) -> tuple[str, tuple[Edit, ...]] | None:
    """Return the reference to a function as a module spells it, and the imports it needs.

    None when the name of its root is taken.
    """
    root, rest = spelled(target)
    found = imported_name(project, module, GENERATED_API, root)
    return (f"{found[0]}{rest}", found[1]) if found else None


def replace_reference(
    project: LinkedProject,
    use: FunctionUse,
    chain: Attribute,
    target: LinkedFunction,
    applicability: Applicability,
) -> Fix | None:
    """Return the fix that writes another reference; None where the root is not written there."""
    start: Expr = chain
    while isinstance(start, Attribute):
        start = start.value
    origin = use.scope.qualified_name(start) if isinstance(start, Name) else None
    written = reference_text(project, use.module, target)
    if written is None or origin not in ("_generated.api.api", "_generated.api.internal"):
        return None
    text, imports = written
    edit = replace_text(project, use.module, chain.span, text)
    return Fix(title=f"use `{text}`", applicability=applicability, edits=(edit, *imports))
