"""WFL001."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import replace_text
from convexity_compiler.rules.usage.reach import reached
from convexity_compiler.rules.usage.workflows import workflows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.outside import Effect
    from convexity_compiler.rules.usage.reach import Reached
    from convexity_compiler.rules.usage.workflows import Workflow

_SAME: Final = {
    "datetime.datetime.now": "now",
    "random.random": "random",
    "uuid.uuid4": "uuid",
}
"""What gives the same kind of value as a method of the step."""
_EFFECTS: Final[frozenset[Effect]] = frozenset({"clock", "environment", "randomness"})


class NondeterminismInWorkflow(Rule):
    """A workflow depends on the clock, on chance or on the environment.

    ## What it does

    Finds the clock, random numbers, new UUIDs and environment variables in workflows and in the
    functions of the project that these call.

    ## Why is this bad?

    After each step the handler runs again from the start, and its steps are compared with those
    that are recorded. A workflow that comes to other steps than before fails.

    ## Example

    ```python
    import random

    from convexity.components.workflow import WorkflowManager

    from ._generated.api import components

    workflow = WorkflowManager(components.workflow)


    @workflow.define(args={}, returns=v.null())
    async def greet(step) -> None:
        if random.random() < 0.5:
            await step.run_action(internal.mail.send)
    ```

    ## Use instead

    ```python
    from convexity.components.workflow import WorkflowManager

    from ._generated.api import components

    workflow = WorkflowManager(components.workflow)


    @workflow.define(args={}, returns=v.null())
    async def greet(step) -> None:
        if step.random() < 0.5:
            await step.run_action(internal.mail.send)
    ```

    ## Fix safety

    The fix takes a random number, a UUID or the time from the step instead. It is unsafe: workflows
    that run already took other ones.

    ## References

    - Workflow component, *Limitations*: what is not deterministic belongs in a step.
    """

    name = "nondeterminism-in-workflow"
    code = "WFL001"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Follow the calls of every workflow."""
        for workflow in workflows(project):
            for found in reached(project, workflow.use, _EFFECTS):
                step = found.leaf.step
                yield self.finding(
                    project,
                    found.location(),
                    f"a workflow would not come out the same again: {found.named()}",
                    help=f"use `{step}`, or do it in a step" if step else "read it in a step",
                    labels=found.labels(project),
                    fix=_fix(project, workflow, found),
                )


def _fix(project: LinkedProject, workflow: Workflow, found: Reached) -> Fix | None:
    """Return the call of the step that stands for another one of the same result."""
    method = _SAME.get(found.mention.origin)
    call = found.mention.call
    if method is None or call is None or len(found.steps) != 1:
        return None
    step = workflow.use.function.parameters[0].name
    if found.mention.is_deferred:
        return None
    text = f"{step}.{method}()"
    edit = replace_text(project, workflow.use.module, call.span, text)
    return Fix(title=f"use `{text}`", applicability="unsafe", edits=(edit,))
