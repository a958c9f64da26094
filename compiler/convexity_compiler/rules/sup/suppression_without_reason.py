"""SUP005."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.comments import CommentRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.rules.comments import Review


class SuppressionWithoutReason(CommentRule):
    """A comment silences a rule and does not say why.

    ## What it does

    Finds `ignore`, `file-ignore` and `disable` comments with nothing behind the closing bracket.
    As all rules of severity `info`, it runs only when it is selected, or in the profile `all`.

    ## Why is this bad?

    Whoever reads the code later cannot tell whether the finding was weighed or only in the way.

    ## Example

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["suppression-without-reason"]

    # convex/ping.py
    from ._generated.server import QueryCtx, query


    @query  # convexity: ignore[bare-registration]
    async def ping(ctx: QueryCtx) -> None: ...
    ```

    ## Use instead

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["suppression-without-reason"]

    # convex/ping.py
    from ._generated.server import QueryCtx, query


    @query  # convexity: ignore[bare-registration] shows what a bare decorator does
    async def ping(ctx: QueryCtx) -> None: ...
    ```

    ## References

    - [Suppressions](../reference/suppressions.md)
    """

    name = "suppression-without-reason"
    code = "SUP005"
    category = "pedantic"
    severity = "info"

    def review(self, review: Review) -> Iterator[Diagnostic]:
        """Look at what stands behind the rules of a directive."""
        for directive in review.directives:
            silences = directive.is_known and directive.verb != "enable"
            if silences and directive.rules and not directive.reason:
                yield self.file_finding(
                    directive.path,
                    directive.span,
                    "nothing says why this is silenced",
                    help="give the reason behind the closing bracket",
                )
