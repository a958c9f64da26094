"""The ``json`` format, described by docs/reference/diagnostics.schema.json."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convexity_compiler.diagnostics.model import Diagnostic, Fix
    from convexity_compiler.diagnostics.sources import Sources
    from convexity_compiler.span import Span

SCHEMA_VERSION = 1
"""Raised when a field changes its meaning or goes away; new fields leave it alone."""


def render_json(diagnostics: Sequence[Diagnostic], sources: Sources) -> str:
    """Render findings as one JSON document."""
    document = {
        "schemaVersion": SCHEMA_VERSION,
        "diagnostics": [_record(diagnostic, sources) for diagnostic in diagnostics],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def fingerprint(diagnostic: Diagnostic, sources: Sources) -> str:
    """Identity of a finding that survives edits elsewhere in its file."""
    snippet = sources.snippet(diagnostic.path, diagnostic.span)
    identity = "\x00".join((diagnostic.rule, diagnostic.path, diagnostic.message, snippet))
    return hashlib.sha256(identity.encode()).hexdigest()[:16]


def _record(diagnostic: Diagnostic, sources: Sources) -> dict[str, object]:
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
        "documentation": f"rules/{diagnostic.rule}.md",
        "fingerprint": fingerprint(diagnostic, sources),
    }


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
