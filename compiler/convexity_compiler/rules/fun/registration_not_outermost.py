"""FUN013."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convexity_compiler.diagnostics.model import Fix
from convexity_compiler.link.model import Location
from convexity_compiler.rules.base import Rule, label_at
from convexity_compiler.rules.editing import replace_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convexity_compiler.diagnostics.model import Diagnostic
    from convexity_compiler.link.model import LinkedFunction, LinkedProject


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

    ## Fix safety

    The fix moves the registration above the other decorators, and is safe: as it stands, the
    function is not registered. Comments stay on their lines.

    ## References

    - [The language, *Registration*](../reference/language.md#registration).
    """

    name = "registration-not-outermost"
    code = "FUN013"
    fixable = True

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
                fix=_fix(project, function),
            )


def _fix(project: LinkedProject, function: LinkedFunction) -> Fix:
    """Return the fix that writes the registration first, and the others behind it in order."""
    places = [*function.decorators_above, function.registration]
    wanted = [function.registration, *function.decorators_above]
    module = function.module
    return Fix(
        title=f"put `@{function.registrar}(...)` first",
        applicability="safe",
        edits=tuple(
            replace_text(project, module, place.span, project.text_of(Location(module, other.span)))
            for place, other in zip(places, wanted, strict=True)
        ),
    )
