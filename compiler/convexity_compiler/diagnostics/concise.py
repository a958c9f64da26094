"""The ``concise`` format: one line per finding, which editors and grep can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convexity_compiler.diagnostics.model import Diagnostic, Silence


def render_concise(diagnostics: Sequence[Diagnostic]) -> str:
    """Render findings as ``path:line:column: severity: message (rule, CODE)`` lines."""
    return "".join(
        f"{printable(item.path)}:{item.span.line}:{item.span.column}:"
        f" {item.severity}: {one_line(item)}\n"
        for item in diagnostics
    )


def one_line(diagnostic: Diagnostic) -> str:
    """Return the message and the rule, and why the finding does not count where that is so.

    What would end the line is escaped.
    """
    text = f"{diagnostic.message} ({diagnostic.identity})"
    if diagnostic.silence is not None:
        text += f" [silenced: {silence_text(diagnostic.silence)}]"
    return printable(text)


def silence_text(silence: Silence) -> str:
    """Return why a finding does not count, in words."""
    if silence.kind == "baseline":
        return "in the baseline"
    return silence.reason or "by a comment"
