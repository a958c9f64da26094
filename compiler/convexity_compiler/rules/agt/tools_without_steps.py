"""AGT004."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.agt.agents import agents, is_empty
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.editing import append_argument, replace_text
from convexity_compiler.rules.usage.numbers import arithmetic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.agt.agents import Made


class ToolsWithoutSteps(Rule):
    """An agent has tools, and one step only.

    ## What it does

    Finds agents with tools whose `max_steps` is missing or 1, and that have no `stop_when`, in
    projects that set neither anywhere else.

    ## Why is this bad?

    The model calls a tool in the first step, and there is no second one to read its result in: the
    answer is empty.

    ## Example

    ```python
    from convexity.components.agent import Agent

    from ._generated.api import components

    support = Agent(components.agent, name="support", tools=["search"])
    ```

    ## Use instead

    ```python
    from convexity.components.agent import Agent

    from ._generated.api import components

    support = Agent(components.agent, name="support", tools=["search"], max_steps=5)
    ```

    ## Fix safety

    The fix allows five steps, and is unsafe: each step is a call of the model.

    ## References

    - Agent component, *Creating the agent*: "if you want tool calls to happen automatically with a
      single call, you need to set this to something greater than 1".
    """

    name = "tools-without-steps"
    code = "AGT004"
    words = frozenset({"agent"})
    category = "suspicious"
    severity = "warning"
    fixable = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the options of every agent."""
        for made in agents(project):
            tools = made.option("tools")
            if tools is None or is_empty(tools) or not made.has_all_options:
                continue
            steps = made.option("max_steps")
            if made.option("stop_when") is not None:
                continue
            is_one = steps is not None and arithmetic(steps) == 1
            if is_one or (steps is None and not _is_set_elsewhere(project)):
                yield self.finding(
                    project,
                    Location(made.module, made.call.function.span),
                    "the agent has tools, and stops after the step that calls them",
                    help="let it go on: `max_steps=5`",
                    fix=_fix(project, made),
                )


def _fix(project: LinkedProject, made: Made) -> Fix:
    given = made.call.keyword("max_steps")
    edit = (
        append_argument(project, made.module, made.call, "max_steps=5")
        if given is None
        else replace_text(project, made.module, given.value.span, "5")
    )
    return Fix(title="allow five steps", applicability="unsafe", edits=(edit,))


def _is_set_elsewhere(project: LinkedProject) -> bool:
    return any(
        "max_steps" in module.text or "stop_when" in module.text
        for module in project.whole.own_modules
    )
