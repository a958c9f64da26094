"""The output formats by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.diagnostics.sources import Sources

OutputFormat: TypeAlias = Literal[
    "full", "concise", "grouped", "json", "jsonl", "github", "gitlab", "sarif", "junit"
]
OUTPUT_FORMATS: tuple[OutputFormat, ...] = get_args(OutputFormat)
FOR_PEOPLE: frozenset[OutputFormat] = frozenset({"full", "concise", "grouped"})
"""Formats in which failures do not appear: people read them on stderr."""


def render(
    diagnostics: Sequence[Diagnostic],
    sources: Sources,
    output_format: OutputFormat,
    *,
    color: bool = False,
) -> str:
    """Render findings; ``color`` matters to ``full`` alone.

    Without findings the formats with a line or a frame for each are empty; the others are not.
    """
    match output_format:
        case "full":
            from convexity_compiler.diagnostics.full import render_full

            return render_full(diagnostics, sources, color=color)
        case "concise":
            from convexity_compiler.diagnostics.concise import render_concise

            return render_concise(diagnostics)
        case "grouped":
            from convexity_compiler.diagnostics.grouped import render_grouped

            return render_grouped(diagnostics)
        case "json":
            from convexity_compiler.diagnostics.json_format import render_json

            return render_json(diagnostics, sources)
        case "jsonl":
            from convexity_compiler.diagnostics.json_format import render_json_lines

            return render_json_lines(diagnostics, sources)
        case "github":
            from convexity_compiler.diagnostics.github import render_github

            return render_github(diagnostics, sources)
        case "gitlab":
            from convexity_compiler.diagnostics.gitlab import render_gitlab

            return render_gitlab(diagnostics, sources)
        case "sarif":
            from convexity_compiler.diagnostics.sarif import render_sarif

            return render_sarif(diagnostics, sources)
        case "junit":
            from convexity_compiler.diagnostics.junit import render_junit

            return render_junit(diagnostics, sources)
