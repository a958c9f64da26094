"""ASY002."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.values import Query
from convexity_compiler.summary.expressions import Await

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class AwaitedBuilder(Rule):
    """A query is awaited before it is told what to read.

    ## What it does

    Finds `await` on a chain that begins with `ctx.db.query(...)` and ends without `take`, `first`,
    `unique`, `paginate` or `collect`.

    ## Why is this bad?

    A query under construction is not awaitable: the function fails with a `TypeError`.

    ## Example

    ```python
    @query(args={}, returns=v.any())
    async def latest(ctx: QueryCtx) -> Any:
        return await ctx.db.query("messages").order("desc")
    ```

    ## Use instead

    ```python
    @query(args={}, returns=v.any())
    async def latest(ctx: QueryCtx) -> Any:
        return await ctx.db.query("messages").order("desc").take(10)
    ```

    ## References

    - [The language, section 4](../reference/language.md#4-public-names):
      `Query` and `OrderedQuery`.
    """

    name = "awaited-builder"
    code = "ASY002"
    words = frozenset({"await"})

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at everything that is awaited."""
        for use in functions(project):
            for place in use.awaits:
                if isinstance(place.node, Await) and isinstance(
                    use.scope.value(place.node.value), Query
                ):
                    yield self.finding(
                        project,
                        Location(use.module, place.node.span),
                        "a query cannot be awaited before it says what to read",
                        help="add `.take(n)`, `.first()`, `.unique()`, `.paginate(...)` or"
                        " `.collect()`",
                    )
