"""The ``concise`` format: one line per finding, which editors and grep can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convexity_compiler.diagnostics.model import Diagnostic


def render_concise(diagnostics: Sequence[Diagnostic]) -> str:
    """Render findings as ``path:line:column: severity: message (rule, CODE)`` lines."""
    return "".join(
        f"{item.path}:{item.span.line}:{item.span.column}:"
        f" {item.severity}: {item.message} ({item.rule}, {item.code})\n"
        for item in diagnostics
    )
