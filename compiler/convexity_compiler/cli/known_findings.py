"""The baseline of a project: read for checks, written by ``convexity baseline``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from convexity_compiler.cli.errors import CommandError
from convexity_compiler.cli.reporting import count
from convexity_compiler.diagnostics.baseline import (
    Baseline,
    BaselineError,
    mark_known,
    parse,
    pruned,
)
from convexity_compiler.diagnostics.sources import Sources

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from convexity_compiler.config import Config
    from convexity_compiler.diagnostics.model import Diagnostic


def without_known(
    findings: Sequence[Diagnostic],
    config: Config,
    texts: Mapping[str, str] | None = None,
    *,
    types_checked: bool = False,
) -> list[Diagnostic]:
    """Return the findings with those in the project's baseline silenced, if it has one.

    What is in the baseline and no longer found is told on stderr; what a type checker found is
    looked for only when one ran: ``types_checked``. Raises CommandError for a
    baseline that cannot be read.
    """
    if not config.baseline_path.exists():
        return list(findings)
    baseline = read_baseline(config)
    sources = Sources(config.root, texts)
    gone = len(baseline) - len(pruned(baseline, findings, sources, types_checked=types_checked))
    if gone:
        verb = "is" if gone == 1 else "are"
        click.echo(
            f"{count(gone, 'finding')} of {config.baseline} {verb} gone;"
            " `convexity baseline prune` forgets what is gone.",
            err=True,
        )
    return mark_known(findings, baseline, sources)


def read_baseline(config: Config) -> Baseline:
    """Read the baseline of a project.

    Raises CommandError when there is none, or it cannot be used.
    """
    path = config.baseline_path
    try:
        return parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CommandError(
            f"{path} does not exist", help_text="`convexity baseline write` makes it"
        ) from None
    except (BaselineError, UnicodeDecodeError) as error:
        raise CommandError(
            f"{path}: {error}",
            help_text="restore the file, or write it anew with `convexity baseline write`",
        ) from None
