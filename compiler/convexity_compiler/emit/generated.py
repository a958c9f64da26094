"""What ``codegen`` writes: the references in Python and TypeScript."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from convexity_compiler.emit import writer
from convexity_compiler.emit.references import emit_references, package_markers
from convexity_compiler.emit.typescript import emit_typescript

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from convexity_compiler.ir import ProjectIR


def plan_generated(root: Path, ir: ProjectIR, components: Iterable[ProjectIR] = ()) -> writer.Plan:
    """Compare what a project calls for with what is on disk.

    ``components`` are those that lie in its functions folder, each as a project of its own.

    Raises GeneratedNameError when two things would have the same generated name, and WriteError
    when a file cannot be read.
    """
    files: dict[str, str] = {}
    seeds: dict[str, str] = {}
    for component in components:
        files |= emit_references(component)
        seeds |= _enclosing_packages(ir, component) | package_markers(component)
    files |= emit_references(ir)
    if ir.component_name is None:
        files |= emit_typescript(ir)
    return writer.plan(root, files, seeds=package_markers(ir) | seeds)


def _enclosing_packages(ir: ProjectIR, component: ProjectIR) -> dict[str, str]:
    """The ``__init__.py`` files of the folders between the functions folder and a component."""
    functions = PurePosixPath(ir.functions_folder)
    around = PurePosixPath(component.functions_folder).parents
    return {
        f"{folder}/__init__.py": ""
        for folder in reversed(around)
        if folder.is_relative_to(functions) and folder != functions
    }
