"""The ``sarif`` format: a log in SARIF 2.1.0, which code scanning of GitHub and others read.

The subset that GitHub documents, and what has a counterpart here: rules with their pages, fixes,
other places, fingerprints, suppressions. Failures are notifications of the run, not results.
"""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote

from convexity_compiler.diagnostics.fingerprints import fingerprints
from convexity_compiler.diagnostics.model import FAILURES, TYPE_CHECKER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convexity_compiler.config import Severity
    from convexity_compiler.diagnostics.model import Diagnostic, Fix
    from convexity_compiler.diagnostics.sources import Sources
    from convexity_compiler.span import Span

Json: TypeAlias = dict[str, Any]

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
FINGERPRINT = "convexity/v1"
"""Name of the fingerprints; another name makes a service open all its alerts anew."""

_LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}
_SUPPRESSIONS = {"comment": "inSource", "baseline": "external"}
_ROOT = "%SRCROOT%"


def render_sarif(diagnostics: Sequence[Diagnostic], sources: Sources) -> str:
    """Render findings as a SARIF log with one run."""
    from convexity.version import VERSION

    results = [diagnostic for diagnostic in diagnostics if diagnostic.code not in FAILURES]
    failures = [diagnostic for diagnostic in diagnostics if diagnostic.code in FAILURES]
    rules = sorted({diagnostic.rule: diagnostic for diagnostic in results}.items())
    index = {name: number for number, (name, _) in enumerate(rules)}
    identities = fingerprints(results, sources)
    invocation: Json = {"executionSuccessful": not failures}
    if failures:
        invocation["toolExecutionNotifications"] = [_notification(entry) for entry in failures]
    run: Json = {
        "tool": {
            "driver": {
                "name": "convexity",
                "semanticVersion": VERSION,
                "rules": [_rule(diagnostic) for _, diagnostic in rules],
            }
        },
        "invocations": [invocation],
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(diagnostic, index[diagnostic.rule], identity, sources)
            for diagnostic, identity in zip(results, identities, strict=True)
        ],
    }
    return (
        json.dumps(
            {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False
        )
        + "\n"
    )


def _notification(failure: Diagnostic) -> Json:
    return {
        "descriptor": {"id": failure.rule},
        "level": "error",
        "message": {"text": failure.message},
    }


def _rule(diagnostic: Diagnostic) -> Json:
    if diagnostic.rule.startswith(TYPE_CHECKER):
        return {
            "id": diagnostic.rule,
            "shortDescription": {"text": f"Reported by mypy as {diagnostic.rule}."},
            "helpUri": diagnostic.documentation,
        }
    from convexity_compiler.rules.documentation import page
    from convexity_compiler.rules.registry import require_rule

    rule = require_rule(diagnostic.rule, "sarif")
    text = page(rule)
    summary = " ".join(rule.documentation().partition("\n\n")[0].split())
    return {
        "id": rule.name,
        "shortDescription": {"text": summary},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"code": rule.code, "tags": [rule.category]},
    }


def _result(diagnostic: Diagnostic, rule: int, fingerprint: str, sources: Sources) -> Json:
    remedy = f"\n{diagnostic.help}" if diagnostic.help else ""
    result: Json = {
        "ruleId": diagnostic.rule,
        "ruleIndex": rule,
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": f"{diagnostic.message}{remedy}"},
        "locations": [{"physicalLocation": _place(diagnostic.path, diagnostic.span, sources)}],
        "partialFingerprints": {FINGERPRINT: fingerprint},
    }
    if diagnostic.labels:
        result["relatedLocations"] = [
            {
                "id": number,
                "physicalLocation": _place(label.path, label.span, sources),
                "message": {"text": label.message},
            }
            for number, label in enumerate(diagnostic.labels)
        ]
    if diagnostic.fix is not None:
        result["fixes"] = [_fix(diagnostic.fix, sources)]
    if diagnostic.silence is not None:
        suppression = {"kind": _SUPPRESSIONS[diagnostic.silence.kind]}
        if diagnostic.silence.reason:
            suppression["justification"] = diagnostic.silence.reason
        result["suppressions"] = [suppression]
    return result


def _fix(fix: Fix, sources: Sources) -> Json:
    edits = sorted(fix.edits, key=lambda edit: (edit.path, edit.span))
    return {
        "description": {"text": fix.title},
        "artifactChanges": [
            {
                "artifactLocation": _artifact(path, sources),
                "replacements": [
                    {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}
                    for edit in group
                ],
            }
            for path, group in groupby(edits, key=lambda edit: edit.path)
        ],
    }


def _place(path: str, span: Span, sources: Sources) -> Json:
    return {"artifactLocation": _artifact(path, sources), "region": _region(span)}


def _artifact(path: str, sources: Sources) -> Json:
    return {"uri": quote(sources.in_repository(path), errors="surrogateescape"), "uriBaseId": _ROOT}


def _region(span: Span) -> Json:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
