"""REF011."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.kinds import TRANSACTIONS, is_always
from convexity_compiler.rules.usage.targets import runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class NestedRunInTransaction(Rule):
    """A transaction runs a function where a helper would do.

    ## What it does

    Finds `ctx.run_query(...)` and `ctx.run_mutation(...)` in queries and mutations, and in helpers
    that take their context. As all rules of severity `info`, it runs only when it is selected, or
    in the profile `all`.

    ## Why is this bad?

    The call checks and copies arguments and result, and in a mutation it opens a transaction
    inside. A helper runs in the same transaction at no cost; what the call adds is that its writes
    can be rolled back alone.

    ## Example

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["nested-run-in-transaction"]

    # convex/messages.py
    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None: ...


    @mutation(args={}, returns=v.null())
    async def start(ctx: MutationCtx) -> None:
        await ctx.run_mutation(internal.messages.tidy)
    ```

    ## Use instead

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["nested-run-in-transaction"]

    # convex/messages.py
    async def tidy(ctx: MutationCtx) -> None: ...


    @mutation(args={}, returns=v.null())
    async def start(ctx: MutationCtx) -> None:
        await tidy(ctx)
    ```

    ## References

    - Convex best practices, *Use `ctx.runQuery` and `ctx.runMutation` sparingly in queries and
      mutations*.
    """

    name = "nested-run-in-transaction"
    code = "REF011"
    category = "performance"
    severity = "info"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at what transactions run."""
        for use in functions(project):
            if not is_always(use, TRANSACTIONS):
                continue
            for run in runs(use):
                reference = use.scope.reference(run.target)
                if run.site.method.name not in ("run_query", "run_mutation") or reference is None:
                    continue
                if reference.root != "components":
                    yield self.finding(
                        project,
                        Location(use.module, run.site.call.span),
                        "a helper does this within the transaction",
                        help="move the code to a function that takes the context, and await it",
                    )
