"""The formats ``json`` and ``jsonl``, described by docs/reference/diagnostics.schema.json."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.fingerprints import fingerprints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convexity_compiler.diagnostics.model import Diagnostic, Fix, Silence
    from convexity_compiler.diagnostics.sources import Sources
    from convexity_compiler.span import Span

SCHEMA_VERSION = 1
"""Raised when a field changes its meaning or goes away; new fields leave it alone."""


def render_json(diagnostics: Sequence[Diagnostic], sources: Sources) -> str:
    """Render findings as one JSON document."""
    document = {"schemaVersion": SCHEMA_VERSION, "diagnostics": _records(diagnostics, sources)}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def render_json_lines(diagnostics: Sequence[Diagnostic], sources: Sources) -> str:
    """Render every finding as one line: a JSON object as in the list of ``json``."""
    return "".join(
        json.dumps(record, ensure_ascii=False) + "\n" for record in _records(diagnostics, sources)
    )


def _records(diagnostics: Sequence[Diagnostic], sources: Sources) -> list[dict[str, object]]:
    identities = fingerprints(diagnostics, sources)
    return [
        _record(diagnostic, identity)
        for diagnostic, identity in zip(diagnostics, identities, strict=True)
    ]


def _record(diagnostic: Diagnostic, fingerprint: str) -> dict[str, object]:
    return {
        "rule": diagnostic.rule,
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "category": diagnostic.category,
        "message": diagnostic.message,
        "label": diagnostic.label,
        "help": diagnostic.help,
        "path": diagnostic.path,
        **_place(diagnostic.span),
        "labels": [
            {"path": label.path, **_place(label.span), "message": label.message}
            for label in diagnostic.labels
        ],
        "fix": None if diagnostic.fix is None else _fix(diagnostic.fix),
        "suppression": None if diagnostic.silence is None else _silence(diagnostic.silence),
        "documentation": diagnostic.documentation,
        "fingerprint": fingerprint,
    }


def _silence(silence: Silence) -> dict[str, object]:
    return {"kind": silence.kind, "reason": silence.reason}


def _fix(fix: Fix) -> dict[str, object]:
    return {
        "title": fix.title,
        "applicability": fix.applicability,
        "edits": [
            {"path": edit.path, **_place(edit.span), "text": edit.text} for edit in fix.edits
        ],
    }


def _place(span: Span) -> dict[str, object]:
    return {
        "start": {"line": span.line, "column": span.column},
        "end": {"line": span.end_line, "column": span.end_column},
    }
