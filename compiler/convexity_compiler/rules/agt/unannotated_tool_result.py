"""AGT005."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.agt.agents import tools
from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class UnannotatedToolResult(Rule):
    """A tool does not say what it returns.

    ## What it does

    Finds handlers of `create_tool(...)` and functions with `@tool` that have no annotation of the
    result.

    ## Why is this bad?

    Neither the type checker nor whoever reads the conversation knows what the model gets.

    ## Example

    ```python
    from convexity.components.agent import tool


    @tool(description="Search the documents")
    async def search(ctx, text: str):
        return [text]
    ```

    ## Use instead

    ```python
    from convexity.components.agent import tool


    @tool(description="Search the documents")
    async def search(ctx, text: str) -> list[str]:
        return [text]
    ```

    ## References

    - Agent component, *Creating a tool with Convex context*: annotate the return type of the
      handler.
    """

    name = "unannotated-tool-result"
    code = "AGT005"
    words = frozenset({"agent"})
    category = "suspicious"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the handlers of tools."""
        for tool in tools(project):
            handler = tool.handler
            if handler is not None and handler.returns is None:
                yield self.finding(
                    project,
                    Location(tool.module, tool.expression.span),
                    f"the tool `{handler.name}` does not say what it returns",
                    help="annotate the result of its handler",
                )
