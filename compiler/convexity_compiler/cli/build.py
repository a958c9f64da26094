"""``convexity build``: compiles the project into a backend."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from convexity_compiler.cli.options import project_option


@click.command("build")
@project_option
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the backend; by default `dist` in the project root.",
)
def command(project: Path | None, out: Path | None) -> None:
    """Compile the project into a FastAPI backend that needs no compiler to run.

    Runs `codegen` first, since the backend carries the generated references with it.
    """
    from convexity_compiler.cli import generation, pipeline
    from convexity_compiler.cli.errors import CommandError
    from convexity_compiler.emit.backend import BuildError, build_dist

    config = pipeline.configure(project)
    ir = pipeline.lower(pipeline.load(config))
    generation.write(generation.plan(config, ir))
    folder = out or config.root / "dist"
    try:
        build_dist(config.root, ir, folder)
    except BuildError as error:
        raise CommandError(str(error)) from None
    program = shlex.quote(str(folder / "main.py"))
    click.echo(f"Built {folder}: run `python {program}`.", err=True)
