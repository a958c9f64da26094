"""WFL009."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.rules.usage.reach import reached

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.outside import Effect

_EFFECTS: Final[frozenset[Effect]] = frozenset({"start"})


class WorkflowStartInQuery(Rule):
    """A query starts a workflow.

    ## What it does

    Finds `start` and `restart` of a manager of workflows in queries and in the functions of the
    project that these call.

    ## Why is this bad?

    Queries change nothing, and a started workflow is written down. The call fails.

    ## Example

    ```python
    from convexity.components.workflow import WorkflowManager

    from ._generated.api import components

    workflow = WorkflowManager(components.workflow)


    @workflow.define(args={}, returns=v.null())
    async def greet(step) -> None: ...


    @query(args={}, returns=v.null())
    async def begin(ctx: QueryCtx) -> None:
        await workflow.start(ctx, internal.messages.greet)
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

    ## References

    - Workflow component, *Starting a workflow*: from a mutation or action.
    """

    name = "workflow-start-in-query"
    code = "WFL009"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Follow the calls of every query."""
        for use in functions(project):
            if use.registered is None or use.registered.kind != "query":
                continue
            for found in reached(project, use, _EFFECTS):
                yield self.finding(
                    project,
                    found.location(),
                    f"a query starts a workflow: {found.named()}",
                    help="start it in a mutation or an action",
                    labels=found.labels(project),
                )
