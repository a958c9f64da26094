"""REF008."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.passing import called_functions
from convexity_compiler.rules.usage.targets import runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedFunction, LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.rules.usage.targets import Run


class ActionFromAction(Rule):
    """An action runs another action of the same runtime.

    ## What it does

    Finds `ctx.run_action(...)` in an action, or in a function of the project that it calls, whose
    target runs where the action itself runs.

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
    category = "performance"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the actions that actions run."""
        for use in functions(project):
            if use.registered is None or use.registered.kind != "action":
                continue
            for run, target in _actions(project, use, use.registered.runtime):
                yield self._found(project, Location(use.module, run.site.call.span), target)
            for called in called_functions(project, use):
                for run, target in _actions(project, called.use, use.registered.runtime):
                    through = Location(called.use.module, run.site.call.span)
                    yield self._found(
                        project, Location(use.module, called.first.span), target, through
                    )

    def _found(
        self,
        project: LinkedProject,
        location: Location,
        target: LinkedFunction,
        through: Location | None = None,
    ) -> Diagnostic:
        labels = [label_at(project, target.location, "the action")]
        if through is not None:
            labels.insert(0, label_at(project, through, f"runs `{target.name}`"))
        return self.finding(
            project,
            location,
            f"`{target.name}` runs in the same runtime",
            help="move its code to a helper, and await that",
            labels=tuple(labels),
        )


def _actions(
    project: LinkedProject, use: FunctionUse, runtime: str
) -> Iterator[tuple[Run, LinkedFunction]]:
    """Yield the actions of a runtime that a function itself runs."""
    for run in runs(use):
        if run.site.method.name == "run_action":
            reference = use.scope.reference(run.target)
            target = project.function(reference) if reference is not None else None
            if target is not None and target.kind == "action" and target.runtime == runtime:
                yield run, target
