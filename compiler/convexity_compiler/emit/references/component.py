"""``component.pyi``: what a component is to those who use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.emit.references.boundary import public_part
from convexity_compiler.emit.references.modules import module_stub
from convexity_compiler.emit.references.rendering import render
from convexity_compiler.emit.references.tables import table_types
from convexity_compiler.emit.references.tree import class_body, package_stubs

if TYPE_CHECKING:
    from convexity_compiler.ir import ProjectIR

_STUBS = "_component"


def component_stubs(ir: ProjectIR) -> dict[str, tuple[str, str]]:
    """Return source and text of the files of a component, by path below ``_generated``; none for
    an application."""
    if ir.component_name is None:
        return {}
    public = {module.path: public_part(module) for module in ir.modules}
    nothing = table_types(()).known
    stubs = {
        path: module_stub(module, nothing) for path, module in public.items() if module.functions
    }
    folder = ir.functions_folder
    bodies = {
        f"{_STUBS}/{path}.pyi": (f"{folder}/{path}.py", stub.text) for path, stub in stubs.items()
    }
    for path, text in package_stubs(stubs).items():
        bodies[f"{_STUBS}/{path}"] = (folder, text)
    lines = class_body(stubs, "api", f"{_STUBS}.")
    bodies["component.py"] = (folder, render("component.py"))
    bodies["component.pyi"] = (folder, render("component.pyi", stubs=_STUBS, lines=lines))
    return bodies
