"""WFL008."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.component_functions import WORKFLOW_MANAGER
from convexity_compiler.link.instances import made_by
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.editing import prepend_argument, replace_text
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.targets import runs
from convexity_compiler.rules.usage.workflows import step_calls, workflows
from convexity_compiler.summary.expressions import Name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.component_functions import ComponentFunction
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.rules.usage.targets import Run
    from convexity_compiler.summary.expressions import Expr


class WorkflowRunAsMutation(Rule):
    """A workflow is run or scheduled like a function.

    ## What it does

    Finds references to workflows that are given to `run_query`, `run_mutation`, `run_action` or the
    scheduler.

    ## Why is this bad?

    A workflow runs step by step, over minutes or months, and has no result to wait for. Its manager
    starts it and gives an id to ask for its status.

    ## Example

    ```python
    from convexity.components.workflow import WorkflowManager

    from ._generated.api import components

    workflow = WorkflowManager(components.workflow)


    @workflow.define(args={}, returns=v.null())
    async def greet(step) -> None: ...


    @mutation(args={}, returns=v.null())
    async def begin(ctx: MutationCtx) -> None:
        await ctx.run_mutation(internal.messages.greet)
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
        await workflow.start(ctx, internal.messages.greet)
    ```

    ## Fix safety

    The fix calls `start` of the manager, where the module has one, and is safe: the call cannot
    work otherwise.

    ## References

    - Workflow component, *Starting a workflow*.
    """

    name = "workflow-run-as-mutation"
    code = "WFL008"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the targets of calls that run functions."""
        for use in functions(project):
            for run in runs(use):
                target = _workflow(project, use, run.target)
                if target is not None:
                    yield self._found(
                        project,
                        use,
                        run.target,
                        target,
                        help="start it with `<manager>.start(ctx, ref, ...)`",
                        fix=_fix(project, use, run),
                    )
        for workflow in workflows(project):
            for step in step_calls(workflow):
                if step.method.name in ("run_workflow", "sleep", "await_event"):
                    continue
                for expression in step.call.arguments[:1]:
                    target = _workflow(project, workflow.use, expression)
                    if target is not None:
                        edit = replace_text(
                            project, workflow.use.module, step.method.name_span, "run_workflow"
                        )
                        yield self._found(
                            project,
                            workflow.use,
                            expression,
                            target,
                            help="run it with `step.run_workflow(ref, ...)`",
                            fix=Fix(
                                title="use `run_workflow`", applicability="safe", edits=(edit,)
                            ),
                        )

    def _found(
        self,
        project: LinkedProject,
        use: FunctionUse,
        expression: Expr,
        target: ComponentFunction,
        *,
        help: str,  # noqa: A002 - as in ``finding``
        fix: Fix | None,
    ) -> Diagnostic:
        place = Location(use.module, expression.span)
        return self.finding(
            project,
            place,
            f"`{project.text_of(place)}` is a workflow, not a function",
            help=help,
            labels=(label_at(project, target.location, "defined here"),),
            fix=fix,
        )


def _workflow(
    project: LinkedProject, use: FunctionUse, expression: Expr
) -> ComponentFunction | None:
    reference = use.scope.reference(expression)
    if reference is None or reference.root == "components":
        return None
    found = project.component_functions.get(reference.wire_path or "")
    return found if found is not None and found.kind == "workflow" else None


def _fix(project: LinkedProject, use: FunctionUse, run: Run) -> Fix | None:
    manager = _manager(project, use.module)
    if manager is None or run.position != 0 or run.site.owner.path:
        return None
    context = project.text_of(Location(use.module, run.site.method.value.span))
    edits = (
        replace_text(project, use.module, run.site.method.span, f"{manager}.start"),
        prepend_argument(project, use.module, run.site.call, context),
    )
    return Fix(title=f"use `{manager}.start`", applicability="safe", edits=edits)


def _manager(project: LinkedProject, module: str) -> str | None:
    """Return the name of the one manager of workflows that a module knows."""
    names = [
        name
        for name, bound in project.resolver.namespace(module).bindings.items()
        if bound[-1].placement == "module"
        and made_by(project.resolver, project.resolver.symbol(module, Name(bound[-1].span, name)))
        == WORKFLOW_MANAGER
    ]
    return names[0] if len(names) == 1 else None
