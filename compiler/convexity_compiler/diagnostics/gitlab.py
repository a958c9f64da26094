"""The ``gitlab`` format: a Code Quality report, shown in merge requests of GitLab.

Fields as in GitLab's documentation, *Code Quality report format*.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.fingerprints import fingerprints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convexity_compiler.config import Severity
    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.diagnostics.sources import Sources

_SEVERITIES: dict[Severity, str] = {"error": "major", "warning": "minor", "info": "info"}


def render_gitlab(diagnostics: Sequence[Diagnostic], sources: Sources) -> str:
    """Render findings as one JSON list; those that are silenced are left out."""
    identities = fingerprints(diagnostics, sources)
    issues = [
        _issue(diagnostic, identity, sources)
        for diagnostic, identity in zip(diagnostics, identities, strict=True)
        if diagnostic.silence is None
    ]
    return json.dumps(issues, indent=2, ensure_ascii=False) + "\n"


def _issue(diagnostic: Diagnostic, fingerprint: str, sources: Sources) -> dict[str, object]:
    span = diagnostic.span
    remedy = f"; {diagnostic.help}" if diagnostic.help else ""
    return {
        "description": f"{diagnostic.message}{remedy}",
        "check_name": diagnostic.rule,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[diagnostic.severity],
        "location": {
            "path": sources.in_repository(diagnostic.path),
            "positions": {
                "begin": {"line": span.line, "column": span.column},
                "end": {"line": span.end_line, "column": span.end_column},
            },
        },
    }
