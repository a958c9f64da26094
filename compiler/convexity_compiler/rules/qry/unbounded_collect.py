"""QRY002."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.counted import counted_collects
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.values import BOUNDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class UnboundedCollect(Rule):
    """A whole table is collected.

    ## What it does

    Finds `.collect()` on a query of a table without a range on an index or a search.

    ## Why is this bad?

    It works as long as the table is small. A transaction reads at most 32,000 documents, and any
    write to the table invalidates the query.

    ## Example

    ```python
    @query(args={}, returns=v.any())
    async def everything(ctx: QueryCtx) -> Any:
        return await ctx.db.query("messages").order("desc").collect()
    ```

    ## Use instead

    ```python
    @query(args={}, returns=v.any())
    async def latest(ctx: QueryCtx) -> Any:
        return await ctx.db.query("messages").order("desc").take(100)
    ```

    ## Fix safety

    The fix takes 100 documents. It is unsafe: the others are no longer read. Where the documents
    are only counted there is none, for the number would be wrong.

    ## References

    - Convex best practices, *Only use `.collect` with a small number of results*.
    """

    name = "unbounded-collect"
    code = "QRY002"
    words = frozenset({"collect"})
    category = "performance"
    severity = "warning"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every query that is collected."""
        for use in functions(project):
            sites = [
                site
                for site in use.query_calls
                if site.method.name == "collect"
                and site.query.is_exact
                and not BOUNDS & set(site.query.methods)
            ]
            if not sites:
                continue
            counted = {read.span for _, read in counted_collects(use)}
            for site in sites:
                span = site.method.name_span.through(site.call.span)
                edit = replace_text(project, use.module, span, "take(100)")
                fix = Fix(title="take 100 documents", applicability="unsafe", edits=(edit,))
                table = f"`{site.query.table}`" if site.query.table else "the table"
                yield self.finding(
                    project,
                    Location(use.module, span),
                    f"`.collect()` reads all of {table}",
                    help="use `.take(n)` or `.paginate(...)`, or a range on an index",
                    fix=None if site.call.span in counted else fix,
                )
