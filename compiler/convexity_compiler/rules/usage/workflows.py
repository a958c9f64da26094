"""Workflows: their handlers, their steps and the managers that start them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from convexity_compiler.rules.usage.functions import module_functions
from convexity_compiler.summary.expressions import Attribute, Call, Name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.link.component_functions import ComponentFunction
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.usage.functions import FunctionUse
    from convexity_compiler.rules.usage.places import Place
    from convexity_compiler.summary.expressions import Expr

STEPS: Final = frozenset(
    {"run_query", "run_mutation", "run_action", "run_workflow", "sleep", "await_event"}
)
"""Methods of a step that start something to be awaited (agent-workflow.md B3)."""


class Workflow(NamedTuple):
    """A workflow whose handler is a function of the project."""

    registration: ComponentFunction
    use: FunctionUse

    def is_step(self, expression: Expr) -> bool:
        """Whether an expression is the step, the first parameter of the handler."""
        parameters = self.use.function.parameters
        start = self.use.scope.constant(expression)
        return (
            bool(parameters)
            and isinstance(start, Name)
            and self.use.scope.parameter(start) == parameters[0].name
        )


class StepCall(NamedTuple):
    """A call of a method of the step, or of the step with other options."""

    place: Place
    call: Call
    method: Attribute


def workflows(project: LinkedProject) -> Iterator[Workflow]:
    """Yield the workflows that are registered in the modules to look at."""
    for module in project.own_modules:
        facts = project.facts(module.module)
        for entry in facts.component_functions if facts is not None else ():
            if entry.kind == "workflow" and entry.definition is not None:
                for use in module_functions(project, entry.module):
                    if use.function is entry.definition:
                        yield Workflow(entry, use)


def step_calls(workflow: Workflow) -> Iterator[StepCall]:
    """Yield the calls that start steps, in source order."""
    for place in workflow.use.places:
        call = place.node
        if (
            isinstance(call, Call)
            and isinstance(call.function, Attribute)
            and call.function.name in STEPS
            and _starts_steps(workflow, call.function.value)
        ):
            yield StepCall(place, call, call.function)


def _starts_steps(workflow: Workflow, owner: Expr) -> bool:
    owner = workflow.use.scope.constant(owner)
    while (
        isinstance(owner, Call)
        and isinstance(owner.function, Attribute)
        and owner.function.name == "with_options"
    ):
        owner = workflow.use.scope.constant(owner.function.value)
    return workflow.is_step(owner)
