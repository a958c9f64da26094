"""QRY009."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.values import Query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class UnconsumedQuery(Rule):
    """A query is built, and never run.

    ## What it does

    Finds queries that are dropped, and those that a handler returns as its result.

    ## Why is this bad?

    Building a query reads nothing, and a query is no value that a function may return.

    ## Example

    ```python
    @query(args={}, returns=v.any())
    async def latest(ctx: QueryCtx) -> Any:
        return ctx.db.query("messages").order("desc")
    ```

    ## Use instead

    ```python
    @query(args={}, returns=v.any())
    async def latest(ctx: QueryCtx) -> Any:
        return await ctx.db.query("messages").order("desc").take(10)
    ```

    ## References

    - Convex, `server/impl/registration_impl.ts`: a query as the result of a function is refused.
    """

    name = "unconsumed-query"
    code = "QRY009"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the queries whose value goes nowhere."""
        for use in functions(project):
            for place in use.places:
                is_result = (
                    place.role == "returned" and use.registered is not None and not place.is_nested
                )
                if place.role != "statement" and not is_result:
                    continue
                if isinstance(use.scope.value(place.node), Query):
                    yield self.finding(
                        project,
                        Location(use.module, place.node.span),
                        "a query is returned instead of its documents"
                        if is_result
                        else "a query is built and never run",
                        help="add `.take(n)`, `.first()`, `.unique()`, `.paginate(...)` or"
                        " `.collect()`, and `await` it",
                    )
