"""DET005."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.kinds import reached_in_transactions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.outside import Effect

_EFFECTS: Final[frozenset[Effect]] = frozenset({"sleep"})


class SleepInTransaction(Rule):
    """A query or mutation sleeps.

    ## What it does

    Finds `asyncio.sleep` in queries and mutations, in helpers that take their context, and in the
    functions of the project that these call. `time.sleep` is left to `blocking-call`.

    ## Why is this bad?

    A transaction has one second. While a mutation sleeps, all others wait for it.

    ## Example

    ```python
    import asyncio


    @mutation(args={}, returns=v.null())
    async def retry(ctx: MutationCtx) -> None:
        await asyncio.sleep(0.5)
        await ctx.db.insert("attempts", {})
    ```

    ## Use instead

    ```python
    from datetime import timedelta


    @mutation(args={}, returns=v.null())
    async def retry(ctx: MutationCtx) -> None:
        await ctx.scheduler.run_after(timedelta(seconds=0.5), internal.messages.attempt)


    @internal_mutation(args={}, returns=v.null())
    async def attempt(ctx: MutationCtx) -> None:
        await ctx.db.insert("attempts", {})
    ```

    ## References

    - Convex docs, *Limits*: queries and mutations run for at most one second.
    """

    name = "sleep-in-transaction"
    code = "DET005"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Follow the calls of every query, mutation and helper that takes their context."""
        for _, found in reached_in_transactions(project, _EFFECTS):
            if "blocking" in found.leaf.effects:
                continue
            yield self.finding(
                project,
                found.location(),
                f"a transaction sleeps: {found.named()}",
                help="schedule what comes later with `ctx.scheduler.run_after`",
                labels=found.labels(project),
            )
