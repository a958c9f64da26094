"""WFL017."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.mentions import mentions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject

_STATUS: Final = "status"
_SLEEP: Final = "sleep"


class PolledWorkflow(Rule):
    """A function sleeps until a workflow is done.

    ## What it does

    Finds functions that sleep and ask a manager of workflows for the status of one.

    ## Why is this bad?

    A workflow may take months, and an action minutes: when it ends, or the backend is started
    again, nobody waits any more. While it sleeps it holds one of the places for actions.

    ## Example

    ```python
    import asyncio

    from convexity.components.workflow import WorkflowManager

    from ._generated.api import components
    from ._generated.server import ActionCtx, action

    workflow = WorkflowManager(components.workflow)


    @action(args={"id": v.string()}, returns=v.null())
    async def wait(ctx: ActionCtx, id: str) -> None:
        while (await workflow.status(ctx, id)).kind == "inProgress":
            await asyncio.sleep(1)
    ```

    ## Use instead

    ```python
    from convexity.components.workflow import WorkflowManager

    from ._generated.api import components

    workflow = WorkflowManager(components.workflow)


    @query(args={"id": v.string()}, returns=v.string())
    async def status(ctx: QueryCtx, id: str) -> str:
        return (await workflow.status(ctx, id)).kind
    ```

    ## References

    - Workflow component, *Handling the workflow's result with onComplete*.
    """

    name = "polled-workflow"
    code = "WFL017"
    category = "suspicious"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the functions that ask for a status."""
        for use in functions(project):
            found = mentions(project, use).outside
            asked = [entry for entry in found if _STATUS in entry.match.leaf.effects]
            slept = [entry for entry in found if _SLEEP in entry.match.leaf.effects]
            if asked and slept:
                yield self.finding(
                    project,
                    Location(use.module, asked[0].node.span),
                    "a function sleeps until a workflow is done",
                    help="pass `on_complete` when the workflow is started, or subscribe to a query"
                    " that returns the status",
                    labels=(label_at(project, Location(use.module, slept[0].node.span), "sleeps"),),
                )
