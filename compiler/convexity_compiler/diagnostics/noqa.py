"""Pointing out ``# noqa`` comments that name our rules: they are for other linters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Label
from convexity_compiler.diagnostics.suppressions import names
from convexity_compiler.records import replace
from convexity_compiler.span import Span

if TYPE_CHECKING:
    from convexity_compiler.diagnostics.model import Diagnostic

_NOQA = re.compile(r"#\s*noqa:\s*(?P<rules>[\w-]+(?:[,\s]+[\w-]+)*)", re.IGNORECASE)


def point_out_noqa(diagnostic: Diagnostic, line: str) -> Diagnostic:
    """Return a finding with a label on the ``noqa`` of its line, where that names its rule.

    ``line`` is the source line on which the finding begins.
    """
    match = _NOQA.search(line)
    if match is None or not any(
        names(rule, diagnostic) for rule in re.split(r"[,\s]+", match["rules"])
    ):
        return diagnostic
    number = diagnostic.span.line
    label = Label(
        path=diagnostic.path,
        span=Span(number, match.start() + 1, number, match.end() + 1),
        message=f"write `# convexity: ignore[{diagnostic.rule}] why` to silence this",
    )
    return replace(diagnostic, labels=(*diagnostic.labels, label))
