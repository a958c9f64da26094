"""WFL011."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.wfl.callbacks import callbacks
from convexity_compiler.rules.writing.visibility import make_internal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class PublicOnComplete(Rule):
    """The function that takes the result of a workflow is public.

    ## What it does

    Finds public functions that are given as `on_complete` to workflows and pools.

    ## Why is this bad?

    Anyone on the internet can call it and tell it any result of any workflow.

    ## Example

    ```python
    from convexity.components.workflow import WorkflowManager

    from ._generated.api import components

    workflow = WorkflowManager(components.workflow)


    @workflow.define(args={}, returns=v.null())
    async def greet(step) -> None: ...


    @mutation(args={}, returns=v.null())
    async def begin(ctx: MutationCtx) -> None:
        starter = workflow.with_options(on_complete=api.messages.done)
        await starter.start(ctx, internal.messages.greet)


    @mutation(
        args={"workflowId": v.string(), "result": v.any(), "context": v.any()}, returns=v.null()
    )
    async def done(ctx: MutationCtx, workflowId: str, result: Any, context: Any) -> None:
        print(workflowId, result, context)
    ```

    ## Use instead

    ```python
    from convexity.components.workflow import WorkflowManager

    from ._generated.api import components

    workflow = WorkflowManager(components.workflow)


    @workflow.define(args={}, returns=v.null())
    async def greet(step) -> None: ...


    @mutation(args={}, returns=v.null())
    async def begin(ctx: MutationCtx) -> None:
        starter = workflow.with_options(on_complete=internal.messages.done)
        await starter.start(ctx, internal.messages.greet)


    @internal_mutation(
        args={"workflowId": v.string(), "result": v.any(), "context": v.any()}, returns=v.null()
    )
    async def done(ctx: MutationCtx, workflowId: str, result: Any, context: Any) -> None:
        print(workflowId, result, context)
    ```

    ## Fix safety

    The fix registers the function as internal and changes every reference to it. It is unsafe:
    clients may call the function.

    ## References

    - Convex guidelines, *Function registration*: what is not for everybody is internal.
    """

    name = "public-on-complete"
    code = "WFL011"
    words = frozenset({"on_complete"})
    category = "security"
    severity = "warning"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the callbacks of workflows and pools."""
        for callback in callbacks(project):
            target = project.function(callback.reference)
            if target is None or target.visibility != "public":
                continue
            yield self.finding(
                project,
                Location(callback.use.module, callback.expression.span),
                f"`{target.name}` takes results from anyone on the internet",
                help=f"register it with `internal_{target.kind}`, and refer to it through"
                " `internal`",
                labels=(label_at(project, target.location, "public"),),
                fix=make_internal(project, target),
            )
