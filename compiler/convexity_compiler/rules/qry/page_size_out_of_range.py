"""QRY018."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values.limits import MAX_DOCUMENTS_READ

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.local_types import local_types
from convexity_compiler.rules.usage.numbers import number_of
from convexity_compiler.summary.expressions import Constant, Dict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class PageSizeOutOfRange(Rule):
    """A page has no documents, or more than a transaction reads.

    ## What it does

    Finds `.paginate(...)` with a literal `numItems` below 1 or above 32,000.

    ## Why is this bad?

    The query fails.

    ## Example

    ```python
    @query(args={}, returns=v.any())
    async def latest(ctx: QueryCtx) -> Any:
        return await ctx.db.query("messages").paginate({"numItems": 0, "cursor": None})
    ```

    ## Use instead

    ```python
    @query(args={}, returns=v.any())
    async def latest(ctx: QueryCtx) -> Any:
        return await ctx.db.query("messages").paginate({"numItems": 100, "cursor": None})
    ```

    ## References

    - `NoDocumentsForPagination` and `PageSizeTooLarge` in get-convex/convex-backend.
    """

    name = "page-size-out-of-range"
    code = "QRY018"
    words = frozenset({"paginate"})

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the options of every page."""
        for use in functions(project):
            types = local_types(use)
            for site in use.query_calls:
                options = types.display(site.call.arguments[0]) if site.call.arguments else None
                if site.method.name != "paginate" or not isinstance(options, Dict):
                    continue
                for item in options.items:
                    if not isinstance(item.key, Constant) or item.key.value != "numItems":
                        continue
                    size = number_of(use, item.value)
                    if size is not None and not 1 <= size <= MAX_DOCUMENTS_READ:
                        yield self.finding(
                            project,
                            Location(use.module, item.value.span),
                            f"a page cannot have {size:,} documents",
                            help=f"write 1 to {MAX_DOCUMENTS_READ:,}",
                        )
