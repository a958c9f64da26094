"""WFL010."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.wfl.callbacks import callbacks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedFunction, LinkedProject
    from convexity_compiler.rules.wfl.callbacks import Starter

_ARGUMENTS: Final[Mapping[Starter, tuple[str, ...]]] = {
    "workflow": ("workflowId", "result", "context"),
    "workpool": ("workId", "result", "context"),
}
"""What the callback is called with (language.md 4, agent-workflow.md B1)."""


class OnCompleteSignature(Rule):
    """The function that takes the result of a workflow cannot be called with it.

    ## What it does

    Compares the functions that are given as `on_complete` with how they are called: they are
    mutations, with the arguments `workflowId` (`workId` for pools), `result` and `context`.

    ## Why is this bad?

    The call fails when the workflow is done, is not repeated, and its result is lost.

    ## Example

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


    @internal_mutation(args={"result": v.any()}, returns=v.null())
    async def done(ctx: MutationCtx, result: Any) -> None:
        print(result)
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

    ## References

    - Workflow component, *Handling the workflow's result with onComplete*.
    """

    name = "on-complete-signature"
    code = "WFL010"
    words = frozenset({"on_complete"})

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the callbacks of workflows and pools."""
        for callback in callbacks(project):
            target = project.function(callback.reference)
            if target is None:
                continue
            expected = _ARGUMENTS[callback.starter]
            fault = _fault(target, expected)
            if fault is not None:
                yield self.finding(
                    project,
                    Location(callback.use.module, callback.expression.span),
                    f"`{target.name}` cannot take the result: {fault}",
                    help=f"give it the arguments {', '.join(f'`{name}`' for name in expected)}"
                    if target.kind == "mutation"
                    else "register it with `internal_mutation`",
                    labels=(label_at(project, target.location, "defined here"),),
                )


def _fault(target: LinkedFunction, expected: tuple[str, ...]) -> str | None:
    if target.kind != "mutation":
        return f"it is {'an' if target.kind == 'action' else 'a'} {target.kind}"
    if any(entry.parameter.kind.startswith("var_") for entry in target.parameters):
        return None
    known = {entry.wire_name: entry for entry in target.parameters}
    missing = [name for name in expected if name not in known]
    if missing:
        return f"it lacks {', '.join(f'`{name}`' for name in missing)}"
    others = [name for name, entry in known.items() if entry.is_required and name not in expected]
    return f"it needs {', '.join(f'`{name}`' for name in others)} too" if others else None
