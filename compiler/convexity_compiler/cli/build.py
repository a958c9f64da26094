"""``convexity build``: compiles the project into a backend."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import click

from convexity_compiler.cli.options import project_option

_NOTHING_BUILT = "Nothing was built: fix these first."


@click.command("build")
@project_option
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the backend; by default `dist` in the project root.",
)
@click.option("--no-check", is_flag=True, help="Do not count what `convexity check` finds.")
def command(project: Path | None, out: Path | None, no_check: bool) -> None:
    """Compile the project into a FastAPI backend that needs no compiler to run.

    Runs `codegen` first, since the backend carries the generated references with it. Errors that
    `check` finds are counted on stderr; only those that leave no backend to write stop the build.
    """
    from convexity_compiler.cli import generation, pipeline, reporting
    from convexity_compiler.cli.errors import CommandError
    from convexity_compiler.diagnostics.model import sort_diagnostics
    from convexity_compiler.emit.backend import BuildError, build_dist
    from convexity_compiler.rules.prj.unresolved_import import UnresolvedImport

    config = pipeline.configure(project)
    loaded = pipeline.load(config)
    # References do without what a module imports; a backend does not start without it.
    missing = sort_diagnostics(list(UnresolvedImport().check(loaded)))
    if missing:
        reporting.report(missing, config.root)
        click.echo(_NOTHING_BUILT, err=True)
        raise SystemExit(1)
    parts = pipeline.parts(loaded)
    *components, ir = (pipeline.lower(part, otherwise=_NOTHING_BUILT) for part in parts)
    for component in loaded.components.foreign(loaded):
        pipeline.lower(component, otherwise=_NOTHING_BUILT)  # reports what is wrong with it
    if not no_check:
        _warn_of_errors(reporting.errors(pipeline.check(config, parts)))
    generation.write(generation.plan(config, ir, components))
    folder = out or config.root / "dist"
    try:
        build_dist(config.root, ir, folder, loaded.components.packages(loaded))
    except BuildError as error:
        raise CommandError(str(error)) from None
    shown = _shortest(folder)
    program = shlex.quote(str(shown / "main.py"))
    click.echo(f"Built {shown}: run `python {program}`.", err=True)


def _warn_of_errors(number: int) -> None:
    from convexity_compiler.cli.reporting import count

    if number:
        pronoun = "it is" if number == 1 else "they are"
        click.echo(
            f"warning: `convexity check` finds {count(number, 'error')};"
            f" what {pronoun} about may fail at run time",
            err=True,
        )


def _shortest(path: Path) -> Path:
    """Return the path from the working directory where that is shorter."""
    return min(path, Path(os.path.relpath(path)), key=lambda spelling: len(str(spelling)))
