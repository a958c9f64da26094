"""Findings on stdout, their number on stderr."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

import click

from convexity_compiler.diagnostics.formats import render
from convexity_compiler.diagnostics.sources import Sources

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from convexity_compiler.config import Severity
    from convexity_compiler.diagnostics.formats import OutputFormat
    from convexity_compiler.diagnostics.model import Diagnostic

_RANK: dict[Severity, int] = {"error": 0, "warning": 1, "info": 2}


def report(
    findings: Sequence[Diagnostic],
    root: Path,
    output_format: OutputFormat,
    *,
    stream: TextIO | None = None,
) -> None:
    """Print findings to ``stream`` (stdout), and a summary for people to stderr."""
    stream = stream or sys.stdout
    text = render(findings, Sources(root), output_format, color=wants_color(stream))
    click.echo(text, file=stream, nl=False, color=True)
    if output_format == "full":
        click.echo(summary(findings), err=True)


def wants_color(stream: TextIO) -> bool:
    """Whether to colour: on a terminal, unless ``NO_COLOR`` is set (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def summary(findings: Sequence[Diagnostic]) -> str:
    """Return one line that counts the findings and the fixes at hand."""
    if not findings:
        return "All checks passed."
    counts = [
        count(number, severity)
        for severity in _RANK
        if (number := sum(finding.severity == severity for finding in findings))
    ]
    line = f"\nFound {', '.join(counts)}."
    safe = sum(bool(f.fix and f.fix.applicability == "safe") for f in findings)
    unsafe = sum(bool(f.fix and f.fix.applicability == "unsafe") for f in findings)
    if safe:
        line += f" {safe} fixable with `--fix`."
    if unsafe:
        line += f" {unsafe} {'more ' if safe else ''}with `--fix --unsafe-fixes`."
    return line


def fails(findings: Sequence[Diagnostic], fail_on: Severity) -> bool:
    """Whether a finding is as severe as ``fail_on`` or more."""
    return any(_RANK[finding.severity] <= _RANK[fail_on] for finding in findings)


def count(number: int, noun: str) -> str:
    """Return ``1 error``, ``2 errors``; ``info`` has no plural."""
    return f"{number} {noun}" if number == 1 or noun == "info" else f"{number} {noun}s"
