"""FUN013."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedProject


class RegistrationNotOutermost(Rule):
    """A decorator stands above the registration of a function.

    ## What it does

    Finds decorators above `@query(...)`, `@mutation(...)` and the like.

    ## Why is this bad?

    What the module then holds under the name is what the other decorator made of it, and no
    function is registered.

    ## Example

    ```python
    from functools import wraps


    @wraps(print)
    @query(args={}, returns=v.null())
    async def ping(ctx: QueryCtx) -> None: ...
    ```

    ## Use instead

    ```python
    from functools import wraps


    @query(args={}, returns=v.null())
    @wraps(print)
    async def ping(ctx: QueryCtx) -> None: ...
    ```

    ## References

    - [The language, *Registration*](../reference/language.md).
    """

    name = "registration-not-outermost"
    code = "FUN013"

    def check(self, project: LinkedProject) -> Iterator[Diagnostic]:
        """Look at the decorators of registered functions."""
        for function in project.functions:
            if not function.decorators_above or len(function.registrations) > 1:
                continue
            above = function.decorators_above[0]
            yield self.finding(
                project,
                Location(function.module, above.span),
                f"a decorator above hides the registration of `{function.definition.name}`",
                help=f"put `@{function.registrar}(...)` first",
                labels=(
                    label_at(
                        project,
                        Location(function.module, function.registration.span),
                        "the registration",
                    ),
                ),
            )
