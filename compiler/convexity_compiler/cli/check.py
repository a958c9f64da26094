"""``convexity check``: finds what is wrong, and fixes what it safely can."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from convexity_compiler.cli.failures import failures_reported
from convexity_compiler.cli.options import project_option, selection_options, with_selection
from convexity_compiler.cli.output import Color, Output, output_options
from convexity_compiler.collector import collector_paused

if TYPE_CHECKING:
    from pathlib import Path

    from convexity_compiler.config import Config, Profile, Severity
    from convexity_compiler.diagnostics.formats import OutputFormat
    from convexity_compiler.timing import Timing

GENERATED_RULES = ("GEN001", "GEN002", "GEN003")
"""Rules about generated files, which take as long as codegen."""


@click.command("check")
@click.argument("paths", nargs=-1, type=click.Path(exists=True))
@project_option
@selection_options
@output_options
@click.option("--show-suppressed", is_flag=True, help="Print silenced findings too.")
@click.option("--statistics", is_flag=True, help="Print how many findings each rule has instead.")
@click.option("--timing", is_flag=True, help="Tell on stderr where the time of a full check goes.")
@click.option("--types", is_flag=True, help="Run mypy too, and report what it finds.")
@click.option("--generated", is_flag=True, help="Compare the generated files too.")
@click.option("--fix", is_flag=True, help="Apply the safe fixes.")
@click.option("--unsafe-fixes", is_flag=True, help="Count unsafe fixes among those to apply.")
@click.option("--diff", is_flag=True, help="Print what --fix would change, and change nothing.")
@click.option(
    "--add-ignore",
    is_flag=False,
    flag_value="",
    metavar="REASON",
    help="Silence all findings by comments, with the reason in --add-ignore=REASON.",
)
@click.option(
    "--stdin-filename",
    metavar="PATH",
    help="Check the text on stdin in place of this file, and report what is found in it.",
)
@click.option("--no-cache", is_flag=True, help="Neither read the cache nor write it.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even when there are findings.")
@collector_paused()
def command(
    paths: tuple[str, ...],
    project: Path | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    profile: Profile | None,
    edition: str | None,
    fail_on: Severity | None,
    output_format: OutputFormat,
    output_file: Path | None,
    color: Color,
    show_suppressed: bool,
    statistics: bool,
    timing: bool,
    types: bool,
    generated: bool,
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    add_ignore: str | None,
    stdin_filename: str | None,
    no_cache: bool,
    exit_zero: bool,
) -> None:
    """Check the functions of a project.

    PATHS narrow what is reported; the whole project is always read. Exits with 0 when there is
    nothing to report, 1 with findings, 2 when it could not do its work.
    """
    from convexity_compiler.cli import pipeline, reporting
    from convexity_compiler.cli.known_findings import without_known

    if stdin_filename is not None and (fix or diff or add_ignore is not None or paths):
        raise click.UsageError("--stdin-filename goes with no PATHS, and changes nothing")
    if add_ignore and os.path.exists(add_ignore):
        raise click.UsageError(
            "give PATHS before --add-ignore, and a reason as --add-ignore=REASON"
        )
    output = Output(format=output_format, file=output_file, color=color)
    with failures_reported(output, project):
        config = with_selection(
            pipeline.configure(project),
            select=(*select, *(GENERATED_RULES if generated else ())),
            ignore=ignore,
            profile=profile,
            edition_name=edition,
            fail_on=fail_on,
        )
        pipeline.require_paths(config, paths, types=types)
        if add_ignore is not None:
            _add_ignores(config, paths, add_ignore)
        if diff or fix:
            _fix(config, paths, unsafe=unsafe_fixes, is_preview=diff)
        texts: dict[str, str] = {}
        if stdin_filename is not None:
            from convexity_compiler.cli.stdin_file import read_stdin

            path, text = read_stdin(stdin_filename, config)
            texts[path] = text
            paths = (str(config.root / path),)
        clock = _clock() if timing else None
        findings = pipeline.findings(
            config, use_cache=not no_cache, texts=texts, types=types, timing=clock
        )
        findings = without_known(findings, config, texts, types_checked=types)
        findings = pipeline.narrow(findings, config, paths)
        if statistics:
            reporting.report_statistics(findings, output)
        else:
            reporting.report(
                findings, config.root, output, texts=texts, show_suppressed=show_suppressed
            )
        if clock is not None:
            click.echo(f"\n{clock.table()}", err=True, nl=False)
    raise SystemExit(1 if not exit_zero and reporting.fails(findings, config.fail_on) else 0)


def _clock() -> Timing:
    from convexity_compiler.timing import Timing

    return Timing()


def _fix(config: Config, paths: tuple[str, ...], *, unsafe: bool, is_preview: bool) -> None:
    """Apply fixes; a preview prints them and ends the command."""
    from convexity_compiler.cli import fix_report, fixing

    outcome = fixing.fix_project(config, paths, unsafe=unsafe)
    if not is_preview:
        outcome.write()
    patch = outcome.diff() if is_preview else ""
    click.echo(patch, nl=False)
    click.echo(fix_report.fix_report(outcome, is_preview=is_preview), err=True)
    if is_preview:
        raise SystemExit(1 if patch else 0)


def _add_ignores(config: Config, paths: tuple[str, ...], reason: str) -> None:
    """Write comments; what cannot be silenced that way is left for the report."""
    from convexity_compiler.cli import adding_ignores
    from convexity_compiler.cli.reporting import count

    added = adding_ignores.add_ignores(config, paths, reason)
    click.echo(f"Silenced {count(added, 'finding')}.", err=True)
