"""REF012."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.functions import functions
from convexity_compiler.summary.expressions import Call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class DynamicReference(Rule):
    """A reference to a function is put together at run time.

    ## What it does

    Finds `getattr(api, ...)` and `getattr(internal, ...)`, and the same on what is behind them.

    ## Why is this bad?

    Nobody can check it: not its name, nor its arguments, nor whether it exists.

    ## Example

    ```python
    @mutation(args={"name": v.string()}, returns=v.null())
    async def later(ctx: MutationCtx, name: str) -> None:
        await ctx.scheduler.run_after(0, getattr(internal.messages, name))
    ```

    ## Use instead

    ```python
    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None: ...


    @mutation(args={"name": v.string()}, returns=v.null())
    async def later(ctx: MutationCtx, name: str) -> None:
        if name == "tidy":
            await ctx.scheduler.run_after(0, internal.messages.tidy)
    ```

    ## References

    - [The language, *Names*](../reference/language.md#names).
    """

    name = "dynamic-reference"
    code = "REF012"
    category = "suspicious"
    severity = "warning"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at every ``getattr``."""
        for use in functions(project):
            for place in use.calls:
                call = place.node
                if (
                    isinstance(call, Call)
                    and call.arguments
                    and use.scope.qualified_name(call.function) == "builtins.getattr"
                    and use.scope.reference(call.arguments[0]) is not None
                ):
                    yield self.finding(
                        project,
                        Location(use.module, call.span),
                        "which function this names is known at run time only",
                        help="choose between references that are written out",
                    )
