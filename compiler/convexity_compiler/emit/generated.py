"""What ``codegen`` writes: the references in Python and TypeScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.emit import writer
from convexity_compiler.emit.references import emit_references, package_markers
from convexity_compiler.emit.typescript import emit_typescript

if TYPE_CHECKING:
    from pathlib import Path

    from convexity_compiler.ir import ProjectIR


def plan_generated(root: Path, ir: ProjectIR) -> writer.Plan:
    """Compare what a project calls for with what is on disk.

    Raises GeneratedNameError when two things would have the same generated name, and WriteError
    when a file cannot be read.
    """
    files = emit_references(ir) | emit_typescript(ir)
    return writer.plan(root, files, seeds=package_markers(ir))
