"""QRY026."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values.limits import MAX_DOCUMENTS_READ

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.numbers import number_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class TakeExceedsScanLimit(Rule):
    """More documents are taken than a transaction may read.

    ## What it does

    Finds `.take(n)` with a number above 32,000.

    ## Why is this bad?

    The call fails when there are so many documents.

    ## Example

    ```python
    @query(args={}, returns=v.any())
    async def latest(ctx: QueryCtx) -> Any:
        return await ctx.db.query("messages").take(100_000)
    ```

    ## Use instead

    ```python
    @query(args={}, returns=v.any())
    async def latest(ctx: QueryCtx) -> Any:
        return await ctx.db.query("messages").take(1000)
    ```

    ## References

    - Convex, *Limits*: documents scanned in a transaction.
    """

    name = "take-exceeds-scan-limit"
    code = "QRY026"
    words = frozenset({"take"})
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every number that is taken."""
        for use in functions(project):
            for site in use.query_calls:
                if site.method.name != "take" or not site.call.arguments:
                    continue
                size = number_of(use, site.call.arguments[0])
                if size is not None and size > MAX_DOCUMENTS_READ:
                    yield self.finding(
                        project,
                        Location(use.module, site.call.arguments[0].span),
                        f"a transaction reads {MAX_DOCUMENTS_READ:,} documents at most",
                        help="take fewer, and go on in another call",
                    )
