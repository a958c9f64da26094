"""CTX004."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.capabilities import RUNS
from convexity_compiler.rules.usage.functions import functions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.values import ContextKind


class RunNotAllowed(Rule):
    """A function runs a kind of function that it may not run.

    ## What it does

    Finds `run_mutation` and `run_action` in queries, and `run_action` in mutations.

    ## Why is this bad?

    Queries change nothing, and a transaction cannot wait for an action. The call fails.

    ## Example

    ```python
    @mutation(args={}, returns=v.null())
    async def reply(ctx: MutationCtx) -> None:
        await ctx.run_action(internal.replies.generate)
    ```

    ## Use instead

    ```python
    @mutation(args={}, returns=v.null())
    async def reply(ctx: MutationCtx) -> None:
        await ctx.scheduler.run_after(0, internal.replies.generate)
    ```

    ## References

    - Convex guidelines, *Function calling*: `ctx.runMutation` calls a mutation from a mutation or
      action, `ctx.runAction` an action from an action.
    """

    name = "run-not-allowed"
    code = "CTX004"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the calls on contexts."""
        for use in functions(project):
            for site in use.context_calls:
                if (
                    site.owner.path in ((), ("options",))
                    and site.method.name in RUNS["action"]
                    and site.owner.kinds
                    and not any(site.method.name in RUNS[kind] for kind in site.owner.kinds)
                ):
                    yield self.finding(
                        project,
                        Location(use.module, site.method.span),
                        f"`{site.method.name}` does not exist in {_listed(site.owner.kinds)}",
                        help="schedule the action with `ctx.scheduler.run_after(0, ...)`"
                        if "mutation" in site.owner.kinds
                        else "queries run queries only; do it in a mutation or an action",
                    )


def _listed(kinds: frozenset[ContextKind]) -> str:
    return " or ".join("queries" if kind == "query" else f"{kind}s" for kind in sorted(kinds))
