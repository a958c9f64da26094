"""WFL002."""

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

_EFFECTS: Final[frozenset[Effect]] = frozenset({"generation", "host", "network"})


class SideEffectInWorkflow(Rule):
    """A workflow acts on the world outside of its steps.

    ## What it does

    Finds the network, models, files, processes and threads in workflows and in the functions of the
    project that these call.

    ## Why is this bad?

    After each step the handler runs again from the start, and with it all that is not a step: the
    mail is sent once for every step that follows.

    ## Example

    ```python
    import httpx
    from convexity.components.workflow import WorkflowManager

    from ._generated.api import components

    workflow = WorkflowManager(components.workflow)


    @workflow.define(args={"name": v.string()}, returns=v.null())
    async def greet(step, name: str) -> None:
        async with httpx.AsyncClient() as client:
            await client.post("https://example.com/mail", json={"to": name})
    ```

    ## Use instead

    ```python
    from convexity.components.workflow import WorkflowManager

    from ._generated.api import components

    workflow = WorkflowManager(components.workflow)


    @workflow.define(args={"name": v.string()}, returns=v.null())
    async def greet(step, name: str) -> None:
        await step.run_action(internal.mail.send, to=name)
    ```

    ## References

    - Workflow component, *Limitations*: side effects like `fetch` belong in a step.
    """

    name = "side-effect-in-workflow"
    code = "WFL002"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Follow the calls of every workflow."""
        for workflow in workflows(project):
            for found in reached(project, workflow.use, _EFFECTS):
                yield self.finding(
                    project,
                    found.location(),
                    f"a workflow acts outside of its steps: {found.named()}",
                    help="do it in an action, and run that with `step.run_action`",
                    labels=found.labels(project),
                )
