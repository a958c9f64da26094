"""CTX001."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.capabilities import is_only
from convexity_compiler.rules.usage.functions import functions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class SchedulerInQuery(Rule):
    """A query schedules a function.

    ## What it does

    Finds calls on `ctx.scheduler` in queries, and in helpers whose context is a `QueryCtx`.

    ## Why is this bad?

    Queries have no effects, and their context has no scheduler. The call fails.

    ## Example

    ```python
    @query(args={}, returns=v.null())
    async def later(ctx: QueryCtx) -> None:
        await ctx.scheduler.run_after(0, internal.messages.tidy)
    ```

    ## Use instead

    ```python
    @mutation(args={}, returns=v.null())
    async def later(ctx: MutationCtx) -> None:
        await ctx.scheduler.run_after(0, internal.messages.tidy)
    ```

    ## References

    - [The language, section 4](../reference/language.md#4-public-names):
      `QueryCtx` has no `scheduler`.
    """

    name = "scheduler-in-query"
    code = "CTX001"
    words = frozenset({"scheduler"})

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the calls on schedulers."""
        for use in functions(project):
            for site in use.context_calls:
                if site.owner.path == ("scheduler",) and is_only(site.owner, "query"):
                    yield self.finding(
                        project,
                        Location(use.module, site.method.span),
                        "queries cannot schedule functions",
                        help="schedule from a mutation or an action",
                    )
