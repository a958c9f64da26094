"""SUP003."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Edit, Fix
from convexity_compiler.diagnostics.suppressions import lines
from convexity_compiler.rules.comments import CommentRule
from convexity_compiler.rules.sup.removal import without_directive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.directives import Directive
    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.rules.comments import Review


class BlanketSuppression(CommentRule):
    """A comment that should silence something names no rule.

    ## What it does

    Finds `ignore`, `file-ignore`, `disable` and `enable` without rules in brackets behind them.

    ## Why is this bad?

    It would silence what nobody has looked at yet, so it silences nothing.

    ## Example

    ```python
    @query  # convexity: ignore
    async def ping(ctx: QueryCtx) -> None: ...
    ```

    ## Use instead

    ```python
    @query  # convexity: ignore[bare-registration] an example
    async def ping(ctx: QueryCtx) -> None: ...
    ```

    ## Fix safety

    The comment gets the names of the rules that find something on its lines, or goes when none
    does. Nothing but comments changes.

    ## References

    - [Suppressions](../reference/suppressions.md)
    """

    name = "blanket-suppression"
    code = "SUP003"
    severity = "warning"
    fixable = True

    def review(self, review: Review) -> Iterator[Diagnostic]:
        """Look at directives without rules."""
        for directive in review.directives:
            if directive.is_known and not directive.rules:
                rules = _rules(directive, review)
                if rules:
                    listed = f"[{', '.join(rules)}]"
                    edit = Edit(path=directive.path, span=directive.rules_span, text=listed)
                    title = f"write `{directive.verb}{listed}`"
                else:
                    edit = without_directive(directive, review.lines[directive.path])
                    title = "remove the comment"
                yield self.file_finding(
                    directive.path,
                    directive.span,
                    f"`{directive.verb}` names no rule, and does nothing",
                    help=title if rules else "name the rules in brackets, or remove the comment",
                    fix=Fix(title=title, applicability="safe", edits=(edit,)),
                )


def _rules(directive: Directive, review: Review) -> list[str]:
    """Names of the rules with findings on the lines of a directive."""
    if directive.verb == "enable":
        return []
    first, last = lines(directive)
    return sorted(
        {
            finding.rule
            for finding in review.findings
            if finding.path == directive.path
            and finding.silence is None
            and first <= finding.span.line
            and (last is None or finding.span.line <= last)
        }
    )
