"""FUN017."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class GeneratorHandler(Rule):
    """A handler yields.

    ## What it does

    Finds `yield` in registered functions.

    ## Why is this bad?

    What it returns is a generator, and no value.

    ## Example

    ```python
    @query(args={}, returns=v.array(v.string()))
    async def names(ctx: QueryCtx) -> Any:
        yield "Ann"
    ```

    ## Use instead

    ```python
    @query(args={}, returns=v.array(v.string()))
    async def names(ctx: QueryCtx) -> Any:
        return ["Ann"]
    ```

    ## References

    - [The language, *Registration*](../reference/language.md#registration).
    """

    name = "generator-handler"
    code = "FUN017"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the bodies of registered functions."""
        for function in (*project.functions, *project.http_actions):
            if function.definition.is_generator:
                yield self.finding(
                    project,
                    function.location,
                    f"`{function.definition.name}` yields, and its result is no value",
                    help="collect what it yields in a list, and return that",
                )
