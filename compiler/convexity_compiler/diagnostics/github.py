"""The ``github`` format: workflow commands that annotate a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convexity_compiler.config import Severity
    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.diagnostics.sources import Sources

_COMMANDS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "notice"}


def render_github(diagnostics: Sequence[Diagnostic], sources: Sources) -> str:
    """Render findings as GitHub workflow commands, one line each; without those silenced."""
    return "".join(
        _command(diagnostic, sources.in_repository(diagnostic.path))
        for diagnostic in diagnostics
        if diagnostic.silence is None
    )


def _command(diagnostic: Diagnostic, path: str) -> str:
    span = diagnostic.span
    place = {
        "file": path,
        "line": str(span.line),
        "endLine": str(span.end_line),
        "title": f"{diagnostic.rule} ({diagnostic.code})",
    }
    if span.end_line == span.line:
        # GitHub ignores the columns of an annotation over several lines.
        place |= {"col": str(span.column), "endColumn": str(span.end_column)}
    properties = ",".join(f"{key}={_property(value)}" for key, value in place.items())
    lines = [diagnostic.message]
    if diagnostic.help:
        lines.append(f"help: {diagnostic.help}")
    text = _data("\n".join(map(printable, lines)))
    return f"::{_COMMANDS[diagnostic.severity]} {properties}::{text}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")
