"""FUN012."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class ConflictingRegistration(Rule):
    """A function has more than one registrar.

    ## What it does

    Finds functions under two or more of `query`, `mutation`, `action` and their internal forms.

    ## Why is this bad?

    A function has one kind and one visibility.

    ## Example

    ```python
    @query(args={}, returns=v.null())
    @internal_query(args={}, returns=v.null())
    async def ping(ctx: QueryCtx) -> None: ...
    ```

    ## Use instead

    ```python
    @internal_query(args={}, returns=v.null())
    async def ping(ctx: QueryCtx) -> None: ...
    ```

    ## References

    - `environment/analyze.rs` of get-convex/convex-backend skips such functions.
    """

    name = "conflicting-registration"
    code = "FUN012"
    blocks_generation = True

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at functions with several registrations."""
        for function in (*project.functions, *project.http_actions):
            if len(function.registrations) < 2:
                continue
            first, *others = (
                Location(function.module, registration.span)
                for registration in function.registrations
            )
            yield self.finding(
                project,
                first,
                f"`{function.definition.name}` is registered {len(others) + 1} times",
                help="keep the registrar that says what the function is",
                labels=tuple(label_at(project, other, "also registered here") for other in others),
            )
