"""WFL005."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import insert_after
from convexity_compiler.rules.usage.workflows import workflows
from convexity_compiler.rules.writing.signatures import parameters_place
from convexity_compiler.span import Span
from convexity_compiler.summary.expressions import Call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.workflows import Workflow

_NULL: Final = "convexity.values.v.null"


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

    ## Fix safety

    The fix annotates workflows whose `returns` is `v.null()`, and is safe.

    ## References

    - Workflow component, *Usage*: always annotate the return type of the handler.
    """

    name = "unannotated-workflow-result"
    code = "WFL005"
    category = "suspicious"
    severity = "warning"
    fixable = True

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
                    fix=_fix(project, workflow),
                )


def _fix(project: LinkedProject, workflow: Workflow) -> Fix | None:
    """Return the annotation of a workflow that returns nothing."""
    given = workflow.registration.call.keyword("returns")
    module, function = workflow.use.module, workflow.use.function
    place = parameters_place(project.modules[module], function)
    if given is None or place is None or not isinstance(given.value, Call):
        return None
    if project.resolver.qualified_name(module, given.value.function) != _NULL:
        return None
    line, column = place[2:]
    edit = insert_after(project, module, Span(line, column, line, column + 1), " -> None")
    return Fix(title="annotate it `None`", applicability="safe", edits=(edit,))
