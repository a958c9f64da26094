"""QRY008."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class DeleteOnQuery(Rule):
    """A query is told to delete.

    ## What it does

    Finds `.delete()` on a chain that begins with `ctx.db.query(...)`.

    ## Why is this bad?

    Queries have no such method. Documents are deleted one by one, by their ids.

    ## Example

    ```python
    @internal_mutation(args={}, returns=v.null())
    async def clear(ctx: MutationCtx) -> None:
        await ctx.db.query("messages").delete()
    ```

    ## Use instead

    ```python
    @internal_mutation(args={}, returns=v.null())
    async def clear(ctx: MutationCtx) -> None:
        async for message in ctx.db.query("messages"):
            await ctx.db.delete(message["_id"])
    ```

    ## References

    - Convex guidelines, *Query guidelines*: "Convex queries do NOT support `.delete()`".
    """

    name = "delete-on-query"
    code = "QRY008"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the methods that are called on queries."""
        for use in functions(project):
            for site in use.query_calls:
                if site.method.name == "delete":
                    span = Span(*site.method.name_span[:2], *site.call.span[2:])
                    yield self.finding(
                        project,
                        Location(use.module, span),
                        "queries have no `.delete()`",
                        help='write `async for row in ...: await ctx.db.delete(row["_id"])`',
                    )
