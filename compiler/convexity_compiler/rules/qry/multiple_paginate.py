"""QRY016."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.summary.statements import Assign, Evaluate, Return
from convexity_compiler.summary.walk import expressions, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


_TWO: Final = 2


class MultiplePaginate(Rule):
    """A function paginates two queries.

    ## What it does

    Finds a second `.paginate(...)` that runs in the same call of a query or mutation.

    ## Why is this bad?

    One paginated query is allowed in a function: the second raises an error.

    ## Example

    ```python
    @query(args={"opts": pagination_opts_validator}, returns=v.any())
    async def latest(ctx: QueryCtx, opts: Any) -> Any:
        first = await ctx.db.query("messages").paginate(opts)
        return [first, await ctx.db.query("users").paginate(opts)]
    ```

    ## Use instead

    ```python
    @query(args={"opts": pagination_opts_validator}, returns=v.any())
    async def latest(ctx: QueryCtx, opts: Any) -> Any:
        return await ctx.db.query("messages").paginate(opts)
    ```

    ## References

    - `MultiplePaginatedDatabaseQueries` in get-convex/convex-backend.
    """

    name = "multiple-paginate"
    code = "QRY016"
    words = frozenset({"paginate"})

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the functions that paginate."""
        for use in functions(project):
            pages = {
                id(site.call): site for site in use.query_calls if site.method.name == "paginate"
            }
            if len(pages) < _TWO:
                continue
            certain = [
                node
                for statement in use.function.statements
                if isinstance(statement, Return | Evaluate | Assign)
                for expression in expressions(statement)
                for node in walk(expression)
                if id(node) in pages
            ]
            for node in certain[1:]:
                yield self.finding(
                    project,
                    Location(use.module, node.span),
                    "a second query is paginated in the same function",
                    help="paginate one, and `take` from the other, or use two functions",
                    labels=(label_at(project, Location(use.module, certain[0].span), "the first"),),
                )
