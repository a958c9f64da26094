"""``convexity codegen``: writes ``_generated``, the types of the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from convexity_compiler.cli.options import project_option
from convexity_compiler.collector import collector_paused

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from convexity_compiler.emit.writer import Plan

_NOTHING_WRITTEN = "Nothing was written: fix these first."


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
        pipeline.snapshot(config)  # without a functions folder there is nothing to watch
        repeat(config, lambda: _generate(config.root, _write))
    elif check_only or diff:
        _generate(config.root, _show_patch if diff else _show_report)
    else:
        _generate(config.root, _write)


@collector_paused()
def _generate(root: Path, use: Callable[[Plan], None]) -> None:
    """Work out what is to be written, unless it is known that there is nothing, and use it."""
    from convexity_compiler.cli import generation, pipeline
    from convexity_compiler.cli.reporting import count
    from convexity_compiler.incremental.generated import GeneratedFiles

    config = pipeline.configure(root)
    snapshot = pipeline.snapshot(config)
    known = GeneratedFiles(config, snapshot)
    total = generation.current(known)
    if total is not None:
        if use is _write:
            click.echo(f"{count(total, 'file')}, all up to date.", err=True)
        return
    otherwise = _NOTHING_WRITTEN if use is _write else ""
    *components, ir = (
        pipeline.lower(part, otherwise=otherwise) for part in pipeline.parts(snapshot.project)
    )
    planned = generation.plan(config, ir, components)
    use(planned)
    known.keep(planned)


def _show_patch(planned: Plan) -> None:
    from convexity_compiler.emit.differences import unified_diff

    click.echo(unified_diff(planned), nl=False)
    raise SystemExit(0 if planned.is_current else 1)


def _show_report(planned: Plan) -> None:
    from convexity_compiler.emit.differences import report

    click.echo(report(planned), nl=False)
    raise SystemExit(0 if planned.is_current else 1)


def _write(planned: Plan) -> None:
    from convexity_compiler.cli import generation
    from convexity_compiler.cli.reporting import count

    generation.write(planned)
    total, changed = len(planned.files), len(planned.changes)
    files = count(total, "file")
    click.echo(
        f"{changed} of {files} written." if changed else f"{files}, all up to date.", err=True
    )
