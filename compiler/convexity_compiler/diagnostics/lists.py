"""Findings as lists of plain values, to be kept on disk and passed between processes."""

from __future__ import annotations

from typing import Any, TypeAlias

from convexity_compiler.diagnostics.model import Diagnostic, Edit, Fix, Label, Silence
from convexity_compiler.span import Span

Plain: TypeAlias = list[Any]
"""A JSON array."""


def to_list(diagnostic: Diagnostic) -> Plain:
    """Return a finding as a list that JSON has a form for."""
    fix, silence = diagnostic.fix, diagnostic.silence
    return [
        diagnostic.rule,
        diagnostic.code,
        diagnostic.severity,
        diagnostic.category,
        diagnostic.path,
        list(diagnostic.span),
        diagnostic.message,
        diagnostic.label,
        diagnostic.help,
        [[entry.path, list(entry.span), entry.message] for entry in diagnostic.labels],
        None
        if fix is None
        else [
            fix.title,
            fix.applicability,
            [[entry.path, list(entry.span), entry.text, entry.shared] for entry in fix.edits],
        ],
        None if silence is None else [silence.kind, silence.reason],
    ]


def from_list(values: Plain) -> Diagnostic:
    """Return the finding that ``to_list`` made a list of.

    Raises TypeError, ValueError, IndexError or KeyError for anything else.
    """
    rule, code, severity, category, path, span, message, label, help_text, labels, fix, silence = (
        values
    )
    return Diagnostic(
        rule=rule,
        code=code,
        severity=severity,
        category=category,
        path=path,
        span=Span(*span),
        message=message,
        label=label,
        help=help_text,
        labels=tuple(
            Label(path=place, span=Span(*where), message=text) for place, where, text in labels
        ),
        fix=None if fix is None else _fix(*fix),
        silence=None if silence is None else Silence(*silence),
    )


def _fix(title: str, applicability: Any, edits: list[Plain]) -> Fix:
    return Fix(
        title=title,
        applicability=applicability,
        edits=tuple(
            Edit(path=path, span=Span(*span), text=text, shared=shared)
            for path, span, text, shared in edits
        ),
    )
