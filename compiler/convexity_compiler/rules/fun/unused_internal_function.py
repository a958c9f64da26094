"""FUN018."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule
from convexity_compiler.rules.usage.all_references import all_references

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class UnusedInternalFunction(Rule):
    """Nothing in the project refers to an internal function.

    ## What it does

    Finds internal functions to which no reference leads: from functions, cron jobs or the top of a
    module. Where a reference is put together at run time, or passed as a whole module, it says
    nothing. As all rules of severity `info`, it runs only when it is selected, or in the profile
    `all`.

    ## Why is this bad?

    Clients cannot call it either: it is dead, or called by its name in a string.

    ## Example

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["unused-internal-function"]

    # convex/messages.py
    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None: ...
    ```

    ## Use instead

    ```python
    # pyproject.toml
    [tool.convexity]
    select = ["unused-internal-function"]

    # convex/messages.py
    @internal_mutation(args={}, returns=v.null())
    async def tidy(ctx: MutationCtx) -> None: ...


    @mutation(args={}, returns=v.null())
    async def later(ctx: MutationCtx) -> None:
        await ctx.scheduler.run_after(0, internal.messages.tidy)
    ```

    ## References

    - Convex best practices, *Only schedule and `ctx.run*` internal functions*.
    """

    name = "unused-internal-function"
    code = "FUN018"
    category = "suspicious"
    severity = "info"
    scope = "project"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Compare the functions with all references."""
        used: set[str] = set()
        for reference in all_references(project):
            path = reference.wire_path
            if path is None or project.function(reference) is None:
                used |= {
                    function.path
                    for function in project.functions
                    if _is_below(function.path, reference.parts)
                }
            else:
                used.add(path)
        for function in project.functions:
            if function.visibility == "internal" and function.path not in used:
                yield self.finding(
                    project,
                    function.location,
                    f"nothing refers to `{function.definition.name}`",
                    help="remove it, unless something outside calls it by its name",
                )


def _is_below(path: str, parts: tuple[str, ...]) -> bool:
    """Whether a reference that ends early may lead to a function."""
    return tuple(path.replace(":", "/").split("/"))[: len(parts)] == parts
