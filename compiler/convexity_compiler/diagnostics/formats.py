"""The output formats by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.diagnostics.sources import Sources

OutputFormat: TypeAlias = Literal["full", "concise", "json", "github"]
OUTPUT_FORMATS: tuple[OutputFormat, ...] = get_args(OutputFormat)


def render(
    diagnostics: Sequence[Diagnostic],
    sources: Sources,
    output_format: OutputFormat,
    *,
    color: bool = False,
) -> str:
    """Render findings; ``color`` matters to ``full`` alone. Without findings, "" (but for JSON)."""
    match output_format:
        case "full":
            from convexity_compiler.diagnostics.full import render_full

            return render_full(diagnostics, sources, color=color)
        case "concise":
            from convexity_compiler.diagnostics.concise import render_concise

            return render_concise(diagnostics)
        case "json":
            from convexity_compiler.diagnostics.json_format import render_json

            return render_json(diagnostics, sources)
        case "github":
            from convexity_compiler.diagnostics.github import render_github

            return render_github(diagnostics)
