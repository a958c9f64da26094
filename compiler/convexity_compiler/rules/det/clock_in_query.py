"""DET001."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.reach import reached

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.outside import Effect

_EFFECTS: Final[frozenset[Effect]] = frozenset({"clock"})


class ClockInQuery(Rule):
    """A query reads the clock of the machine.

    ## What it does

    Finds `time.time`, `datetime.now` and their like in queries and in the functions of the project
    that these call.

    ## Why is this bad?

    The result of a query is kept until the data it read changes, and time is no data: what depends
    on the clock goes stale unnoticed. In tests the clock of the machine cannot be set.

    ## Example

    ```python
    import time


    @query(args={}, returns=v.number())
    async def now(ctx: QueryCtx) -> float:
        return time.time() * 1000
    ```

    ## Use instead

    ```python
    from convexity.values import to_millis


    @query(args={}, returns=v.number())
    async def now(ctx: QueryCtx) -> float:
        return to_millis(ctx.now())
    ```

    ## References

    - Convex best practices, *Don't use Date.now() in queries*.
    - [The language, *Time and environment*](../reference/language.md#time-and-environment).
    """

    name = "clock-in-query"
    code = "DET001"
    category = "suspicious"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Follow the calls of every query."""
        for use in functions(project):
            if use.registered is None or use.registered.kind != "query":
                continue
            for found in reached(project, use, _EFFECTS):
                yield self.finding(
                    project,
                    found.location(),
                    f"a query reads the clock: {found.named()}",
                    help="take the time from `ctx.now()`, or as an argument, which keeps the query"
                    " cacheable",
                    labels=found.labels(project),
                )
