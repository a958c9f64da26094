"""The ``grouped`` format: one line per finding, below the name of its file."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.concise import one_line
from convexity_compiler.diagnostics.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convexity_compiler.diagnostics.model import Diagnostic


def render_grouped(diagnostics: Sequence[Diagnostic]) -> str:
    """Render the findings of each file as aligned lines, with an empty line between the files."""
    return "\n".join(
        _file(path, list(group)) for path, group in groupby(diagnostics, key=lambda item: item.path)
    )


def _file(path: str, diagnostics: list[Diagnostic]) -> str:
    places = [f"{item.span.line}:{item.span.column}" for item in diagnostics]
    place_width = max(map(len, places))
    severity_width = max(len(item.severity) for item in diagnostics)
    lines = [
        f"  {place:<{place_width}}  {item.severity:<{severity_width}}  {one_line(item)}\n"
        for place, item in zip(places, diagnostics, strict=True)
    ]
    return f"{printable(path)}:\n{''.join(lines)}"
