"""What ``codegen`` writes: the references in Python and TypeScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.cli.errors import CommandError
from convexity_compiler.emit import writer
from convexity_compiler.emit.names import GeneratedNameError
from convexity_compiler.emit.references import emit_references, package_markers
from convexity_compiler.emit.typescript import emit_typescript

if TYPE_CHECKING:
    from convexity_compiler.config import Config
    from convexity_compiler.ir import ProjectIR


def plan(config: Config, ir: ProjectIR) -> writer.Plan:
    """Compare what the project calls for with what is on disk.

    Raises CommandError when two things would have the same generated name, or a file cannot be
    read.
    """
    try:
        files = emit_references(ir) | emit_typescript(ir)
        return writer.plan(config.root, files, seeds=package_markers(ir))
    except (GeneratedNameError, writer.WriteError) as error:
        raise CommandError(str(error)) from None


def write(planned: writer.Plan) -> None:
    """Write what changed.

    Raises CommandError when a file cannot be written or removed.
    """
    try:
        writer.apply(planned)
    except writer.WriteError as error:
        raise CommandError(str(error)) from None
