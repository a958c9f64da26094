"""``convexity baseline``: adopts the checker in a project that has findings already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from convexity_compiler.cli.options import project_option

if TYPE_CHECKING:
    from pathlib import Path


_types_option = click.option("--types", is_flag=True, help="Run mypy too, as check --types does.")


@click.group("baseline")
def command() -> None:
    """Keep the findings of today in a file, so that only new ones count.

    `convexity check` reads the file (`baseline` in the settings, `convexity-baseline.json` by
    default) and fails on what is not in it. Commit it.
    """


@command.command("write")
@project_option
@_types_option
def write(project: Path | None, types: bool) -> None:
    """Write all findings of today into the file, in place of those in it."""
    from convexity_compiler.cli import pipeline
    from convexity_compiler.cli.reporting import count
    from convexity_compiler.diagnostics.baseline import baseline_of
    from convexity_compiler.diagnostics.sources import Sources
    from convexity_compiler.files import replace_file

    config = pipeline.configure(project)
    findings = pipeline.findings(config, types=types)
    baseline = baseline_of(findings, Sources(config.root))
    replace_file(config.baseline_path, baseline.render())
    click.echo(f"{config.baseline} holds {count(len(baseline), 'finding')}.", err=True)


@command.command("prune")
@project_option
@_types_option
def prune(project: Path | None, types: bool) -> None:
    """Take out of the file what is no longer found; nothing is added."""
    from convexity_compiler.cli import pipeline
    from convexity_compiler.cli.known_findings import read_baseline
    from convexity_compiler.cli.reporting import count
    from convexity_compiler.diagnostics.baseline import pruned
    from convexity_compiler.diagnostics.sources import Sources
    from convexity_compiler.files import replace_file

    config = pipeline.configure(project)
    before = read_baseline(config)
    findings = pipeline.findings(config, types=types)
    after = pruned(before, findings, Sources(config.root), types_checked=types)
    if len(after) < len(before):
        replace_file(config.baseline_path, after.render())
    click.echo(
        f"{count(len(before) - len(after), 'finding')} removed,"
        f" {count(len(after), 'finding')} left in {config.baseline}.",
        err=True,
    )
