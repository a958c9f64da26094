"""Failures as findings, so that machine formats are well-formed whatever happens."""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from convexity_compiler.cli.errors import InternalError, as_failure
from convexity_compiler.config import ConfigError
from convexity_compiler.diagnostics.formats import FOR_PEOPLE
from convexity_compiler.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.cli.output import Output
    from convexity_compiler.diagnostics.model import Diagnostic

_PROJECT_FILE = "pyproject.toml"


@contextmanager
def failures_reported(output: Output, project: Path | None) -> Iterator[None]:
    """Print a failure as the only finding in a machine format, before it ends the command.

    Formats for people have nothing on stdout then: the message goes to stderr either way. Wrong
    usage is left to click, since it may be the format that is wrong.
    """
    try:
        yield
    except (click.UsageError, click.exceptions.Exit, click.Abort, BrokenPipeError):
        raise
    except Exception as error:
        if output.format not in FOR_PEOPLE:
            root = _nearest_settings(Path.cwd()) if project is None else project
            output.write_findings([_finding(error, root)], root)
        raise


def _finding(error: Exception, root: Path) -> Diagnostic:
    from convexity_compiler.diagnostics.model import FAILURES, Diagnostic

    failure = as_failure(error)
    code = "SUP008"
    if isinstance(error, ConfigError):
        code = "SUP006"
    elif isinstance(failure, InternalError):
        code = "SUP009"
    line = _line_of(error.key, root) if isinstance(error, ConfigError) else 1
    return Diagnostic(
        rule=FAILURES[code],
        code=code,
        severity="error",
        category="correctness",
        path=_PROJECT_FILE,
        span=Span(line, 1, line, 1),
        message=failure.message,
        help=getattr(failure, "help_text", ""),
    )


def _nearest_settings(start: Path) -> Path:
    """Folder of the project file that is meant, from ``start`` upwards."""
    folders = (start, *start.parents)
    return next((folder for folder in folders if (folder / _PROJECT_FILE).is_file()), start)


def _line_of(key: str, root: Path) -> int:
    """Line of a setting in the project file; 1 when it is not there."""
    if not key:
        return 1
    try:
        lines = (root / _PROJECT_FILE).read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return 1
    setting = re.compile(rf"\s*(?:\[tool\.convexity\.)?\"?{re.escape(key)}\"?\s*[=\].]")
    return next((number for number, line in enumerate(lines, 1) if setting.match(line)), 1)
