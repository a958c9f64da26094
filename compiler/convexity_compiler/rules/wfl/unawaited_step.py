"""WFL004."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import insert_before
from convexity_compiler.rules.usage.workflows import step_calls, workflows
from convexity_compiler.summary.expressions import Name
from convexity_compiler.summary.statements import Assign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.workflows import StepCall, Workflow

_USES: Final = frozenset({"receiver", "statement", "subscripted", "tested", "iterated"})
"""What can be done with a result and not with what is still to be awaited."""


class UnawaitedStep(Rule):
    """A step of a workflow is not awaited.

    ## What it does

    Finds calls that start a step whose result is dropped, taken apart or tested without `await`, or
    kept in a variable that nothing uses. Steps that are kept and awaited together are silent.

    ## Why is this bad?

    The workflow goes on as if the step had succeeded, and its handler may end before it: what the
    step returns or raises is lost.

    ## Example

    ```python
    from convexity.components.workflow import WorkflowManager

    from ._generated.api import components

    workflow = WorkflowManager(components.workflow)


    @workflow.define(args={}, returns=v.null())
    async def greet(step) -> None:
        step.run_action(internal.mail.send)
    ```

    ## Use instead

    ```python
    from convexity.components.workflow import WorkflowManager

    from ._generated.api import components

    workflow = WorkflowManager(components.workflow)


    @workflow.define(args={}, returns=v.null())
    async def greet(step) -> None:
        await step.run_action(internal.mail.send)
    ```

    ## Fix safety

    The fix writes `await` before a call whose result is dropped, and is safe.

    ## References

    - Workflow component, *Running steps in parallel*: steps that are started together are awaited
      together.
    """

    name = "unawaited-step"
    code = "WFL004"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the calls that start steps."""
        for workflow in workflows(project):
            for step in step_calls(workflow):
                if step.place.role in _USES or _is_forgotten(workflow, step):
                    yield self.finding(
                        project,
                        Location(workflow.use.module, step.call.span),
                        f"`{step.method.name}(...)` is not awaited",
                        help="write `await` before it, or `asyncio.gather` around several",
                        fix=_fix(project, workflow, step),
                    )


def _is_forgotten(workflow: Workflow, step: StepCall) -> bool:
    """Whether the step is assigned to a name that stands nowhere else."""
    assigned = step.place.parent
    if not isinstance(assigned, Assign) or len(assigned.targets) != 1:
        return False
    target = assigned.targets[0]
    if not isinstance(target, Name) or assigned.value is not step.call:
        return False
    named = [
        place
        for place in workflow.use.places
        if isinstance(place.node, Name) and place.node.id == target.id
    ]
    return len(named) == 1


def _fix(project: LinkedProject, workflow: Workflow, step: StepCall) -> Fix | None:
    if step.place.role != "statement" or not step.place.is_async:
        return None
    edit = insert_before(project, workflow.use.module, step.call.span, "await ")
    return Fix(title="await the step", applicability="safe", edits=(edit,))
