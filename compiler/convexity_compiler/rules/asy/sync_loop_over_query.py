"""ASY003."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.loops import async_keyword
from convexity_compiler.rules.usage.values import Query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class SyncLoopOverQuery(Rule):
    """A plain `for` loops over a query.

    ## What it does

    Finds `for` over a query, in statements and comprehensions, also where the query comes out of a
    variable.

    ## Why is this bad?

    Documents are fetched while the loop runs, so that a query can only be iterated by `async for`;
    a plain loop fails with a `TypeError`.

    ## Example

    ```python
    @query(args={}, returns=v.any())
    async def names(ctx: QueryCtx) -> Any:
        return [user["name"] for user in ctx.db.query("users")]
    ```

    ## Use instead

    ```python
    @query(args={}, returns=v.any())
    async def names(ctx: QueryCtx) -> Any:
        return [user["name"] async for user in ctx.db.query("users")]
    ```

    ## Fix safety

    The fix writes `async for`, and is safe.

    ## References

    - Convex guidelines, *Query guidelines*: "use the `for await (const row of query)` syntax".
    """

    name = "sync-loop-over-query"
    code = "ASY003"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at what loops iterate over."""
        for use in functions(project):
            for place in use.places:
                if place.role != "iterated" or not isinstance(use.scope.value(place.node), Query):
                    continue
                keyword = async_keyword(project, use.module, place)
                yield self.finding(
                    project,
                    Location(use.module, place.node.span),
                    "a query cannot be iterated by a plain `for`",
                    help="write `async for`",
                    fix=Fix(title="use `async for`", applicability="safe", edits=(keyword,))
                    if keyword
                    else None,
                )
