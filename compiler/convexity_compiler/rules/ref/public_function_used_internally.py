"""REF007."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.targets import runs
from convexity_compiler.rules.writing.visibility import make_internal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class PublicFunctionUsedInternally(Rule):
    """Code of the backend calls a public function.

    ## What it does

    Finds `api.` references in `ctx.run_query`, `run_mutation`, `run_action` and the scheduler. As
    all rules of severity `info`, it runs only when it is selected, or in the profile `all`.

    ## Why is this bad?

    A public function is for clients, who may not be trusted, and checks them. What only the backend
    calls is internal, and needs no such checks.

    ## Example

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["public-function-used-internally"]

    # convex/messages.py
    @mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None: ...


    @mutation(args={}, returns=v.null())
    async def later(ctx: MutationCtx) -> None:
        await ctx.scheduler.run_after(0, api.messages.tidy)
    ```

    ## Use instead

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["public-function-used-internally"]

    # convex/messages.py
    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None: ...


    @mutation(args={}, returns=v.null())
    async def later(ctx: MutationCtx) -> None:
        await ctx.scheduler.run_after(0, internal.messages.tidy)
    ```

    ## Fix safety

    The fix registers the function as internal and changes every reference to it. It is unsafe:
    clients may call the function.

    ## References

    - Convex best practices, *Only schedule and `ctx.run*` internal functions*. The samples of the
      guidelines do otherwise.
    """

    name = "public-function-used-internally"
    code = "REF007"
    category = "security"
    severity = "info"
    recommended_severity = "warning"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at everything that is run or scheduled."""
        for use in functions(project):
            for run in runs(use):
                reference = use.scope.reference(run.target)
                target = project.function(reference) if reference is not None else None
                if reference is None or target is None or reference.root != "api":
                    continue
                if target.visibility == "public":
                    yield self.finding(
                        project,
                        Location(use.module, run.target.span),
                        f"`{target.name}` is public, and called from the backend",
                        help="call an internal function, or a helper that both use",
                        labels=(label_at(project, target.location, "the function"),),
                        fix=make_internal(project, target),
                    )
