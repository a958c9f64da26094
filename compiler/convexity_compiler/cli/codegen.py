"""``convexity codegen``: writes ``_generated``, the types of the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from convexity_compiler.cli.options import project_option
from convexity_compiler.collector import collector_paused

if TYPE_CHECKING:
    from pathlib import Path


@click.command("codegen")
@project_option
@click.option("--check", "check_only", is_flag=True, help="Write nothing; exit 1 when out of date.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change.")
@collector_paused()
def command(project: Path | None, check_only: bool, diff: bool) -> None:
    """Write the references and types of a project into its `_generated` folder.

    Commit that folder. Files are only touched when they change.
    """
    from convexity_compiler.cli import generation, pipeline
    from convexity_compiler.cli.reporting import count
    from convexity_compiler.emit.differences import report, unified_diff
    from convexity_compiler.incremental.generated import GeneratedFiles

    config = pipeline.configure(project)
    snapshot = pipeline.snapshot(config)
    known = GeneratedFiles(config, snapshot)
    total = generation.current(known)
    if total is not None:
        if not (check_only or diff):
            click.echo(f"{count(total, 'file')}, all up to date.", err=True)
        raise SystemExit(0)
    planned = generation.plan(config, pipeline.lower(snapshot.project))
    if check_only or diff:
        click.echo(unified_diff(planned) if diff else report(planned), nl=False)
        raise SystemExit(0 if planned.is_current else 1)
    generation.write(planned)
    known.keep(planned)
    total, changed = len(planned.files), len(planned.changes)
    files = count(total, "file")
    click.echo(
        f"{changed} of {files} written." if changed else f"{files}, all up to date.", err=True
    )
