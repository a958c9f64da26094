"""``convexity codegen``: writes ``_generated``, the types of the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from convexity_compiler.cli.options import project_option
from convexity_compiler.collector import collector_paused

if TYPE_CHECKING:
    from pathlib import Path

    from convexity_compiler.emit.writer import Plan


@click.command("codegen")
@project_option
@click.option("--check", "check_only", is_flag=True, help="Write nothing; exit 1 when out of date.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change.")
@click.option("--watch", is_flag=True, help="Write again at every change, until Ctrl-C.")
def command(project: Path | None, check_only: bool, diff: bool, watch: bool) -> None:
    """Write the references and types of a project into its `_generated` folder.

    Commit that folder. Files are only touched when they change.
    """
    from convexity_compiler.cli import pipeline

    config = pipeline.configure(project)
    if watch:
        from convexity_compiler.cli.watching import repeat

        if check_only or diff:
            raise click.UsageError("--watch writes files, and --check and --diff do not: give one")
        pipeline.load(config)  # without a functions folder there is nothing to watch
        repeat(config, lambda: _write(_plan(config.root)))
        return
    planned = _plan(config.root)
    if check_only or diff:
        from convexity_compiler.emit.differences import report, unified_diff

        click.echo(unified_diff(planned) if diff else report(planned), nl=False)
        raise SystemExit(0 if planned.is_current else 1)
    _write(planned)


@collector_paused()
def _plan(root: Path) -> Plan:
    from convexity_compiler.cli import generation, pipeline

    config = pipeline.configure(root)
    *components, ir = map(pipeline.lower, pipeline.parts(pipeline.load(config)))
    return generation.plan(config, ir, components)


def _write(planned: Plan) -> None:
    from convexity_compiler.cli import generation
    from convexity_compiler.cli.reporting import count

    generation.write(planned)
    total, changed = len(planned.files), len(planned.changes)
    files = count(total, "file")
    click.echo(
        f"{changed} of {files} written." if changed else f"{files}, all up to date.", err=True
    )
