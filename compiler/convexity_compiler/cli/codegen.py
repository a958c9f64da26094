"""``convexity codegen``: writes ``_generated``, the types of the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from convexity_compiler.cli.options import project_option

if TYPE_CHECKING:
    from pathlib import Path


@click.command("codegen")
@project_option
@click.option("--check", "check_only", is_flag=True, help="Write nothing; exit 1 when out of date.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change.")
def command(project: Path | None, check_only: bool, diff: bool) -> None:
    """Write the references and types of a project into its `_generated` folder.

    Commit that folder. Files are only touched when they change.
    """
    from convexity_compiler.cli import generation, pipeline

    config = pipeline.configure(project)
    ir = pipeline.lower(pipeline.load(config))
    changes = generation.plan(config, ir)
    if diff:
        click.echo(generation.diff(changes), nl=False)
    elif not check_only:
        generation.write(changes)
        generation.summarise(changes)
        return
    else:
        generation.summarise(changes)
    raise SystemExit(1 if changes else 0)
