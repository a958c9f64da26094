"""SUP003."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Edit, Fix
from convexity_compiler.diagnostics.suppressions import lines
from convexity_compiler.records import replace
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
    does. Behind code `disable` becomes `ignore`, which is about the line. On a line of its own it
    is about the rest of its block, more than may have been meant: there the fix is unsafe. Nothing
    but comments changes.

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
                verb = _verb(directive)
                rules = _rules(directive, verb, review)
                if rules:
                    text = f"{verb}[{', '.join(rules)}]"
                    start, end = directive.verb_span, directive.assigned_span
                    edit = Edit(path=directive.path, span=start.through(end), text=text)
                    title = f"write `{text}`"
                else:
                    edit = without_directive(directive, review.lines[directive.path])
                    title = "remove the comment"
                # Of a range nobody knows how far it was meant to go.
                is_range = verb == "disable" and bool(rules)
                yield self.file_finding(
                    directive.path,
                    directive.span,
                    f"`{directive.verb}` names no rule, and does nothing",
                    help=title if rules else "name the rules in brackets, or remove the comment",
                    fix=Fix(
                        title=title,
                        applicability="unsafe" if is_range else "safe",
                        edits=(edit,),
                    ),
                )


def _verb(directive: Directive) -> str:
    """The word meant: behind code other linters disable a rule for the line only."""
    is_behind_code = directive.verb == "disable" and not directive.comment.own_line
    return "ignore" if is_behind_code else directive.verb


def _rules(directive: Directive, verb: str, review: Review) -> list[str]:
    """Names of the rules with findings on the lines of a directive with this verb."""
    if verb == "enable":
        return []
    first, last = lines(replace(directive, verb=verb))
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
