"""Names of generated modules that fixes need."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from convexity_compiler.link.symbols import External
from convexity_compiler.rules.editing import insert_after, insert_before

if TYPE_CHECKING:
    from convexity_compiler.diagnostics.model import Edit
    from convexity_compiler.link.model import LinkedProject


def imported_name(
    project: LinkedProject, module: str, source: str, name: str
) -> tuple[str, tuple[Edit, ...]] | None:
    """Return how a module calls ``name`` of ``_generated.<source>``, and the edits that import it.

    None when the module imports nothing from there, or when the name is taken.
    """
    origin = f"_generated.{source}"
    neighbours = []
    for entry in project.modules[module].imports:
        if entry.scope != "module" or entry.name is None or entry.name == "*":
            continue
        target = project.resolver.imported_module(module, entry)
        if isinstance(target, External) and target.name == origin:
            if entry.name == name:
                return entry.bound, ()
            neighbours.append(entry)
    if not neighbours or project.resolver.bound(module, name):
        return None
    following = [entry for entry in neighbours if (entry.name or "") > name]
    if following:
        edit = insert_before(project, module, following[0].span, f"{name}, ")
    else:
        edit = insert_after(project, module, neighbours[-1].span, f", {name}")
    return name, (replace(edit, shared=True),)
