"""PRJ001."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class SyntaxErrorRule(Rule):
    """A module cannot be parsed.

    ## What it does

    Reports the parser's own message at its place. The other modules are checked all the same.

    ## Why is this bad?

    Nothing in the module can be read, and its functions do not exist.

    ## Example

    ```python
    @query(args={}, returns=v.null()
    async def ping(ctx: QueryCtx) -> None: ...
    ```

    ## Use instead

    ```python
    @query(args={}, returns=v.null())
    async def ping(ctx: QueryCtx) -> None: ...
    ```

    ## References

    - The Python language reference, *Full grammar specification*.
    """

    name = "syntax-error"
    code = "PRJ001"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Report modules that summarising could not read."""
        for module in project.own_modules:
            if module.problem is not None:
                location = Location(module.module, module.problem.span)
                message = f"module cannot be read: {module.problem.message}"
                yield self.finding(project, location, message)
