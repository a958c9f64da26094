"""Findings on stdout, their number on stderr."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import click

from convexity_compiler.cli.output import Output

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from convexity_compiler.config import Severity
    from convexity_compiler.diagnostics.model import Diagnostic

_RANK: dict[Severity, int] = {"error": 0, "warning": 1, "info": 2}
_COUNTED = ("full", "grouped")
"""Formats that end with a count for people."""
_STDOUT = Output()


def report(
    findings: Sequence[Diagnostic],
    root: Path,
    output: Output = _STDOUT,
    *,
    texts: Mapping[str, str] | None = None,
    show_suppressed: bool = False,
) -> None:
    """Print findings, and for people their number to stderr.

    Args:
        findings: In the order of the report, silenced ones among them.
        root: The root of the project.
        output: Form and destination.
        texts: What stands for files, by their paths.
        show_suppressed: Whether to print silenced findings too; SARIF always has them.

    """
    counting = [finding for finding in findings if finding.silence is None]
    shown = findings if show_suppressed or output.format == "sarif" else counting
    output.write_findings(shown, root, texts)
    if output.format in _COUNTED:
        click.echo(summary(counting), err=True)


def report_statistics(findings: Sequence[Diagnostic], output: Output) -> None:
    """Print how many findings each rule has, the most frequent first.

    Raises click.UsageError for formats that have no place for it.
    """
    counting = [finding for finding in findings if finding.silence is None]
    counted = Counter((finding.rule, finding.code) for finding in counting)
    fixable = Counter(finding.rule for finding in counting if finding.fix is not None)
    rows = sorted(counted.items(), key=lambda row: (-row[1], row[0]))
    if output.format == "json":
        records = [
            {"rule": rule, "code": code, "count": number, "fixable": fixable[rule]}
            for (rule, code), number in rows
        ]
        output.write(json.dumps(records, indent=2) + "\n")
    elif output.format in ("full", "concise", "grouped"):
        width = max((len(str(number)) for _, number in rows), default=1)
        output.write(
            "".join(
                f"{number:>{width}}  {rule}{'' if rule == code else f' ({code})'}"
                f"{f', {fixable[rule]} fixable' if fixable[rule] else ''}\n"
                for (rule, code), number in rows
            )
        )
    else:
        raise click.UsageError(
            f"--statistics has no format {output.format}; use full, concise, grouped or json"
        )


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
        line += f" {unsafe} {'more' if safe else 'fixable'} with `--fix --unsafe-fixes`."
    return line


def fails(findings: Sequence[Diagnostic], fail_on: Severity) -> bool:
    """Whether a finding that counts is as severe as ``fail_on`` or more."""
    return any(
        finding.silence is None and _RANK[finding.severity] <= _RANK[fail_on]
        for finding in findings
    )


def errors(findings: Sequence[Diagnostic]) -> int:
    """Return how many findings that count are errors."""
    return sum(finding.silence is None and finding.severity == "error" for finding in findings)


def count(number: int, noun: str) -> str:
    """Return ``1 error``, ``2 errors``; ``info`` has no plural."""
    return f"{number} {noun}" if number == 1 or noun == "info" else f"{number} {noun}s"
