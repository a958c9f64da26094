"""DBW011."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.values import BOUNDS, Query
from convexity_compiler.summary.statements import For, Jump, Return
from convexity_compiler.summary.walk import walk, walk_statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class UnboundedDeleteLoop(Rule):
    """A loop deletes all that a query finds, however much that is.

    ## What it does

    Finds `ctx.db.delete` in `async for` over a query of a table without a range. As all rules of
    severity `info`, it runs only when it is selected, or in the profile `all`.

    ## Why is this bad?

    A transaction writes at most 16,000 documents: with more the loop fails, and nothing is deleted.

    ## Example

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["unbounded-delete-loop"]

    # convex/messages.py
    @internal_mutation(args={}, returns=v.null())
    async def clear(ctx: MutationCtx) -> None:
        async for message in ctx.db.query("messages"):
            await ctx.db.delete(message["_id"])
    ```

    ## Use instead

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["unbounded-delete-loop"]

    # convex/messages.py
    @internal_mutation(args={}, returns=v.null())
    async def clear(ctx: MutationCtx) -> None:
        messages = await ctx.db.query("messages").take(1000)
        for message in messages:
            await ctx.db.delete(message["_id"])
        if len(messages) == 1000:
            await ctx.scheduler.run_after(0, internal.messages.clear)
    ```

    ## References

    - Convex guidelines, newer text: delete in batches, and schedule the next batch.
    """

    name = "unbounded-delete-loop"
    code = "DBW011"
    words = frozenset({"delete"})
    category = "performance"
    severity = "info"
    recommended_severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the loops over queries."""
        for use in functions(project):
            for loop in use.nodes_of(For):
                query = use.scope.value(loop.iterable) if loop.is_async else None
                if not isinstance(query, Query) or not query.is_exact:
                    continue
                if BOUNDS & set(query.methods):
                    continue
                body = {id(node) for statement in loop.body for node in walk(statement)}
                ends = any(isinstance(s, Jump | Return) for s in walk_statements(loop.body))
                deletes = [
                    site
                    for site in use.context_calls
                    if site.owner.path == ("db",) and site.method.name == "delete"
                ]
                if not ends and any(id(site.written) in body for site in deletes):
                    yield self.finding(
                        project,
                        Location(use.module, loop.iterable.span),
                        "the loop deletes however many documents there are",
                        help="take 1000, and schedule the function again when there were as many",
                    )
