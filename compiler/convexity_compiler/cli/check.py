"""``convexity check``: finds what is wrong, and fixes what it safely can."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from convexity_compiler.cli.options import project_option
from convexity_compiler.collector import collector_paused
from convexity_compiler.diagnostics.formats import OUTPUT_FORMATS

if TYPE_CHECKING:
    from pathlib import Path

    from convexity_compiler.diagnostics.formats import OutputFormat


@click.command("check")
@click.argument("paths", nargs=-1, type=click.Path(exists=True))
@project_option
@click.option(
    "--output-format",
    type=click.Choice(OUTPUT_FORMATS),
    default="full",
    show_default=True,
    help="How findings are printed.",
)
@click.option("--select", multiple=True, metavar="RULE", help="Run this rule too.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Do not run this rule.")
@click.option("--fix", is_flag=True, help="Apply the safe fixes.")
@click.option("--unsafe-fixes", is_flag=True, help="Count unsafe fixes among those to apply.")
@click.option("--diff", is_flag=True, help="Print what --fix would change, and change nothing.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even when there are findings.")
@collector_paused()
def command(
    paths: tuple[str, ...],
    project: Path | None,
    output_format: OutputFormat,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    exit_zero: bool,
) -> None:
    """Check the functions of a project.

    PATHS narrow what is reported; the whole project is always read. Exits with 0 when there is
    nothing to report, 1 with findings, 2 when it could not do its work.
    """
    from convexity_compiler.cli import pipeline, reporting

    config = pipeline.configure(project, select=select, ignore=ignore)
    if diff or fix:
        from convexity_compiler.cli import fix_report, fixing

        outcome = fixing.fix_project(config, paths, unsafe=unsafe_fixes)
        if diff:
            patch = outcome.diff()
            click.echo(patch, nl=False)
        else:
            outcome.write()
        click.echo(fix_report.fix_report(outcome, is_preview=diff), err=True)
        if diff:
            raise SystemExit(1 if patch else 0)
    findings = pipeline.narrow(pipeline.check(pipeline.load(config)), config, paths)
    reporting.report(findings, config.root, output_format)
    raise SystemExit(1 if not exit_zero and reporting.fails(findings, config.fail_on) else 0)
