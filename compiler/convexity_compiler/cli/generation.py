"""Planning and writing what ``codegen`` generates; what cannot be done ends the command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.cli.errors import CommandError
from convexity_compiler.emit import writer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convexity_compiler.config import Config
    from convexity_compiler.incremental.generated import GeneratedFiles
    from convexity_compiler.ir import ProjectIR


def current(known: GeneratedFiles) -> int | None:
    """Return the number of generated files when all are known to be up to date.

    Raises CommandError when a file cannot be read.
    """
    try:
        return known.current()
    except writer.WriteError as error:
        raise CommandError(str(error)) from None


def plan(config: Config, ir: ProjectIR, components: Iterable[ProjectIR]) -> writer.Plan:
    """Compare what the project and its local components call for with what is on disk.

    Raises CommandError when two things would have the same generated name, or a file cannot be
    read.
    """
    from convexity_compiler.emit.generated import plan_generated
    from convexity_compiler.emit.names import GeneratedNameError

    try:
        return plan_generated(config.root, ir, components)
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
