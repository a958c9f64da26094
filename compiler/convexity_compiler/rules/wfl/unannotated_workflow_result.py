"""WFL005."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.workflows import workflows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class UnannotatedWorkflowResult(Rule):
    """A workflow does not say what it returns.

    ## What it does

    Finds handlers of workflows without an annotation of the result.

    ## Why is this bad?

    Without it the type checker knows nothing of what the workflow gives to `on_complete` and to
    workflows that run it.

    ## Example

    ```python
    from convexity.components.workflow import WorkflowManager

    from ._generated.api import components

    workflow = WorkflowManager(components.workflow)


    @workflow.define(args={}, returns=v.string())
    async def greet(step):
        return "Hello"
    ```

    ## Use instead

    ```python
    from convexity.components.workflow import WorkflowManager

    from ._generated.api import components

    workflow = WorkflowManager(components.workflow)


    @workflow.define(args={}, returns=v.string())
    async def greet(step) -> str:
        return "Hello"
    ```

    ## References

    - Workflow component, *Usage*: always annotate the return type of the handler.
    """

    name = "unannotated-workflow-result"
    code = "WFL005"
    category = "suspicious"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every handler."""
        for workflow in workflows(project):
            function = workflow.use.function
            if function.returns is None:
                yield self.finding(
                    project,
                    Location(workflow.use.module, function.name_span),
                    f"the workflow `{function.name}` does not say what it returns",
                    help="annotate its result: `-> None` when there is none",
                )
