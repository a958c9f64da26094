"""AGT006."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.agt.agents import is_empty, tools
from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject
    from convexity_compiler.rules.agt.agents import Tool


class EmptyToolDescription(Rule):
    r"""A tool has no description.

    ## What it does

    Finds `create_tool(...)` without a `description`, or with an empty one, and functions with
    `@tool` that have neither a description nor a docstring.

    ## Why is this bad?

    The description is all that the model knows of the tool: without one it cannot choose it.

    ## Example

    ```python
    from convexity.components.agent import tool


    @tool
    async def search(ctx, text: str) -> list[str]:
        return [text]
    ```

    ## Use instead

    ```python
    from convexity.components.agent import tool


    @tool
    async def search(ctx, text: str) -> list[str]:
        \"\"\"Search the documents of the team.\"\"\"
        return [text]
    ```

    ## References

    - Agent component, *Creating a tool with Convex context*.
    """

    name = "empty-tool-description"
    code = "AGT006"
    words = frozenset({"agent"})
    category = "suspicious"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the description of every tool."""
        for tool in tools(project):
            if _is_undescribed(tool):
                yield self.finding(
                    project,
                    Location(tool.module, tool.expression.span),
                    "the tool has no description",
                    help="say in a sentence what it does and when to use it",
                )


def _is_undescribed(tool: Tool) -> bool:
    call = tool.call
    if call is not None and any(keyword.name is None for keyword in call.keywords):
        return False
    given = None if call is None else call.keyword("description")
    if given is not None:
        return is_empty(given.value)
    docstring = tool.handler.docstring if tool.is_decorator and tool.handler is not None else None
    return not (docstring or "").strip()
