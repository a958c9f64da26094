"""FUN005."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedFunction, LinkedProject

_CONTEXTS = {"query": "QueryCtx", "mutation": "MutationCtx", "action": "ActionCtx"}


class MissingCtxParameter(Rule):
    """The first parameter of a handler is not the context.

    ## What it does

    Finds handlers without a positional first parameter, and those whose first parameter is one of
    the declared arguments.

    ## Why is this bad?

    A handler is called with its context first and its arguments by keyword.

    ## Example

    ```python
    @query(args={"name": v.string()}, returns=v.string())
    async def greet(name: str) -> str:
        return f"hello {name}"
    ```

    ## Use instead

    ```python
    @query(args={"name": v.string()}, returns=v.string())
    async def greet(ctx: QueryCtx, name: str) -> str:
        return f"hello {name}"
    ```

    ## References

    - [The language, *Registration*](../reference/language.md#registration): arguments arrive as
      keywords behind the context.
    """

    name = "missing-ctx-parameter"
    code = "FUN005"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the first parameter of every handler."""
        for function in project.functions:
            name = function.definition.name
            remedy = f"make `ctx: {_CONTEXTS[function.kind]}` the first parameter"
            if function.context is None:
                yield self.finding(
                    project,
                    function.location,
                    f"handler `{name}` takes no context",
                    help=remedy,
                )
            elif takes_argument_as_context(function):
                yield self.finding(
                    project,
                    Location(module=function.module, span=function.context.span),
                    f"first parameter of `{name}` is the argument `{function.context.name}`,"
                    " not the context",
                    help=remedy,
                )


def takes_argument_as_context(function: LinkedFunction) -> bool:
    """Whether the first parameter bears the name of a declared argument."""
    return bool(function.context and function.args and function.args.field(function.context.name))
