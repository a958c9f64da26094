"""DBW015."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity.values.limits import MAX_DOCUMENTS_WRITTEN

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.capabilities import WRITES
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.numbers import number_of
from convexity_compiler.summary import expressions as e
from convexity_compiler.summary import statements as s
from convexity_compiler.summary.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse


class WritesOverLimit(Rule):
    """A loop writes more documents than a transaction may.

    ## What it does

    Finds loops over a `range(...)` of literals that go on for more than 16,000 times and write in
    each.

    ## Why is this bad?

    A transaction writes at most 16,000 documents: the function always fails.

    ## Example

    ```python
    @internal_mutation(args={}, returns=v.null())
    async def fill(ctx: MutationCtx) -> None:
        for number in range(20_000):
            await ctx.db.insert("messages", {"number": number})
    ```

    ## Use instead

    ```python
    @internal_mutation(args={"start": v.number()}, returns=v.null())
    async def fill(ctx: MutationCtx, start: float) -> None:
        for number in range(1000):
            await ctx.db.insert("messages", {"number": start + number})
        if start < 19_000:
            await ctx.scheduler.run_after(0, internal.messages.fill, start=start + 1000)
    ```

    ## References

    - Convex, *Limits*: documents written in a transaction.
    """

    name = "writes-over-limit"
    code = "DBW015"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the loops whose length is known."""
        for use in functions(project):
            writes = {
                id(site.written)
                for site in use.context_calls
                if site.owner.path == ("db",) and site.method.name in WRITES
            }
            for loop in use.nodes_of(s.For):
                count = _count(use, loop.iterable)
                if count <= MAX_DOCUMENTS_WRITTEN:
                    continue
                if any(id(node) in writes for statement in loop.body for node in walk(statement)):
                    yield self.finding(
                        project,
                        Location(use.module, loop.iterable.span),
                        f"the loop writes {count:,} times, and may {MAX_DOCUMENTS_WRITTEN:,}",
                        help="write a thousand, and schedule the function again for the rest",
                    )


def _count(use: FunctionUse, iterable: e.Expr) -> int:
    """How often a loop runs; 0 where that is not known."""
    if not isinstance(iterable, e.Call):
        return 0
    if use.scope.qualified_name(iterable.function) != "builtins.range":
        return 0
    bounds = []
    for argument in iterable.arguments:
        number = number_of(use, argument)
        if number is None:
            return 0
        bounds.append(number)
    return len(range(*bounds)) if 1 <= len(bounds) <= 2 else 0
