"""FUN015."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class RegistrationThroughApi(Rule):
    """A function is registered through `api` or `internal`.

    ## What it does

    Finds decorators that begin with `api.` or `internal.`, and assignments to their attributes.

    ## Why is this bad?

    Those objects refer to functions that modules register. They register nothing.

    ## Example

    ```python
    @api.query(args={}, returns=v.null())
    async def ping(ctx: QueryCtx) -> None: ...
    ```

    ## Use instead

    ```python
    @query(args={}, returns=v.null())
    async def ping(ctx: QueryCtx) -> None: ...
    ```

    ## References

    - Convex guidelines, *Function registration*: "You CANNOT register a function through the `api`
      or `internal` objects".
    """

    name = "registration-through-api"
    code = "FUN015"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Report what linking met."""
        for misplaced in project.misplaced:
            if misplaced.fault == "through_reference":
                registrar = project.text_of(misplaced.location).partition("(")[0]
                yield self.finding(
                    project,
                    misplaced.location,
                    f"`{misplaced.name}` is registered through `{registrar}`",
                    help="import the registrar from `._generated.server`, as in `@query(...)`",
                )
