"""REF008."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.targets import runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class ActionFromAction(Rule):
    """An action runs another action of the same runtime.

    ## What it does

    Finds `ctx.run_action(...)` in an action whose target runs where the action itself runs.

    ## Why is this bad?

    A call takes its time and memory, and its result goes over a wire. A helper is called at once.

    ## Example

    ```python
    from ._generated.server import ActionCtx, action, internal_action


    @internal_action(args={}, returns=v.null())
    async def work(ctx: ActionCtx) -> None: ...


    @action(args={}, returns=v.null())
    async def start(ctx: ActionCtx) -> None:
        await ctx.run_action(internal.messages.work)
    ```

    ## Use instead

    ```python
    from ._generated.server import ActionCtx, action


    async def work(ctx: ActionCtx) -> None: ...


    @action(args={}, returns=v.null())
    async def start(ctx: ActionCtx) -> None:
        await work(ctx)
    ```

    ## References

    - Convex guidelines, *Function calling*: "ONLY call an action from another action if you need to
      cross runtimes".
    """

    name = "action-from-action"
    code = "REF008"
    words = frozenset({"run_action"})
    category = "performance"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the actions that actions run."""
        for use in functions(project):
            if use.registered is None or use.registered.kind != "action":
                continue
            for run in runs(use):
                reference = use.scope.reference(run.target)
                target = project.function(reference) if reference is not None else None
                if (
                    run.site.method.name == "run_action"
                    and target is not None
                    and target.kind == "action"
                    and target.runtime == use.registered.runtime
                ):
                    yield self.finding(
                        project,
                        Location(use.module, run.site.call.span),
                        f"`{target.name}` runs in the same runtime",
                        help="move its code to a helper, and await that",
                        labels=(label_at(project, target.location, "the action"),),
                    )
