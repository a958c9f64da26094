"""SUP004."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.comments import CommentRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.directives import Directive
    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.rules.comments import Review


class UnmatchedRangeSuppression(CommentRule):
    """A `disable` comment has no `enable`, or an `enable` no `disable`.

    ## What it does

    Finds `disable` comments without an `enable` for the same rule at the same indentation below
    them, and the other way round.

    ## Why is this bad?

    A `disable` without an end silences the rest of its block, and with it what is written there
    later.

    ## Example

    ```python
    # convexity: disable[filter-on-query] few documents
    LIMIT = 10
    ```

    ## Use instead

    ```python
    # convexity: disable[filter-on-query] few documents
    LIMIT = 10
    # convexity: enable[filter-on-query]
    ```

    ## References

    - [Suppressions](../reference/suppressions.md)
    """

    name = "unmatched-range-suppression"
    code = "SUP004"
    category = "suspicious"
    severity = "warning"

    def review(self, review: Review) -> Iterator[Diagnostic]:
        """Look at directives that begin or end a range."""
        ranges = [
            entry
            for entries in review.suppressions.values()
            for entry in entries
            if entry.directive.verb == "disable"
        ]
        for entry in ranges:
            if entry.end is None:
                directive, name = entry.directive, entry.rule.text
                yield self.file_finding(
                    directive.path,
                    entry.rule.span,
                    f"`disable[{name}]` has no end",
                    help=f"write `# convexity: enable[{name}]` at the same indentation behind the"
                    " lines that it is for",
                )
        ended = {(entry.end, entry.rule.text.lower()) for entry in ranges}
        for directive in _ends(review):
            for rule in directive.rules:
                if (directive, rule.text.lower()) not in ended:
                    yield self.file_finding(
                        directive.path,
                        rule.span,
                        f"`enable[{rule.text}]` ends nothing",
                        help="remove it, or indent it as the `disable` that it ends",
                    )


def _ends(review: Review) -> Iterator[Directive]:
    return (directive for directive in review.directives if directive.verb == "enable")
