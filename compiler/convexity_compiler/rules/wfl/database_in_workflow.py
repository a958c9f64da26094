"""WFL003."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.workflows import workflows
from convexity_compiler.summary.expressions import Attribute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject

_INSTEAD: Final = {
    "auth": "pass what the workflow needs to know of the user as an argument",
    "db": "read and write with `step.run_query(...)` and `step.run_mutation(...)`",
    "scheduler": "run the step later, with `step.with_options(run_after=...)`",
    "storage": "store files in an action, and run that with `step.run_action(...)`",
    "vector_search": "search in an action, and run that with `step.run_action(...)`",
}
"""What contexts of functions have and steps have not (checker-codegen.md A0)."""


class DatabaseInWorkflow(Rule):
    """A workflow reaches for the database, the storage or the scheduler.

    ## What it does

    Finds `db`, `storage`, `scheduler`, `auth` and `vector_search` on the step of a workflow.

    ## Why is this bad?

    A workflow has steps and nothing else: what it reads is recorded only when a step reads it. The
    access fails.

    ## Example

    ```python
    from convexity.components.workflow import WorkflowManager

    from ._generated.api import components

    workflow = WorkflowManager(components.workflow)


    @workflow.define(args={"id": v.id("orders")}, returns=v.null())
    async def fulfil(step, id: str) -> None:
        order = await step.db.get(id)
        await step.run_action(internal.mail.send, to=order["mail"])
    ```

    ## Use instead

    ```python
    from convexity.components.workflow import WorkflowManager

    from ._generated.api import components

    workflow = WorkflowManager(components.workflow)


    @workflow.define(args={"id": v.id("orders")}, returns=v.null())
    async def fulfil(step, id: str) -> None:
        order = await step.run_query(internal.orders.load, id=id)
        await step.run_action(internal.mail.send, to=order["mail"])
    ```

    ## References

    - Workflow component, *Usage*: a workflow does most of its work by calling other functions.
    """

    name = "database-in-workflow"
    code = "WFL003"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the attributes of every step."""
        for workflow in workflows(project):
            for place in workflow.use.places:
                node = place.node
                if (
                    isinstance(node, Attribute)
                    and node.name in _INSTEAD
                    and workflow.is_step(node.value)
                ):
                    yield self.finding(
                        project,
                        Location(workflow.use.module, node.span),
                        f"a workflow has no `{node.name}`",
                        help=_INSTEAD[node.name],
                    )
