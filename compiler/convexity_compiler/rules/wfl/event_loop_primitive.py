"""WFL007."""

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

_EFFECTS: Final[frozenset[Effect]] = frozenset({"loop", "run", "sleep"})


class EventLoopPrimitive(Rule):
    """A workflow waits for something else than its steps.

    ## What it does

    Finds `sleep`, `asyncio.create_task`, `asyncio.wait`, `asyncio.as_completed`, time-outs and
    `asyncio.run` in workflows and in the functions of the project that these call.
    `asyncio.gather` and `TaskGroup` over steps are silent.

    ## Why is this bad?

    A workflow does not live while it waits: it ends, and runs again from the start when a step is
    done. Whatever is no step is not recorded, and its order may be another one the next time.

    ## Example

    ```python
    import asyncio

    from convexity.components.workflow import WorkflowManager

    from ._generated.api import components

    workflow = WorkflowManager(components.workflow)


    @workflow.define(args={}, returns=v.null())
    async def greet(step) -> None:
        await asyncio.sleep(3600)
        await step.run_action(components.mail.outbox.send)
    ```

    ## Use instead

    ```python
    from datetime import timedelta

    from convexity.components.workflow import WorkflowManager

    from ._generated.api import components

    workflow = WorkflowManager(components.workflow)


    @workflow.define(args={}, returns=v.null())
    async def greet(step) -> None:
        await step.sleep(timedelta(hours=1))
        await step.run_action(components.mail.outbox.send)
    ```

    ## References

    - Temporal's Python SDK refuses `asyncio.wait` and `asyncio.as_completed` in workflows, whose
      order is not deterministic.
    """

    name = "event-loop-primitive"
    code = "WFL007"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Follow the calls of every workflow."""
        for workflow in workflows(project):
            for found in reached(project, workflow.use, _EFFECTS):
                yield self.finding(
                    project,
                    found.location(),
                    f"a workflow waits for something else than a step: {found.named()}",
                    help="wait with `step.sleep(...)`"
                    if "sleep" in found.leaf.effects
                    else "start several steps, and await them with `asyncio.gather`",
                    labels=found.labels(project),
                )
