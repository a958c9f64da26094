"""WFL001."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.reach import reached
from convexity_compiler.rules.usage.workflows import workflows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.outside import Effect

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

    ## References

    - Workflow component, *Limitations*: what is not deterministic belongs in a step.
    """

    name = "nondeterminism-in-workflow"
    code = "WFL001"

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
                )
